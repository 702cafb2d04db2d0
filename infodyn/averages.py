"""Averages over p_t at many times, from the same random numbers at each."""

import numpy as np
from tqdm import tqdm

from infodyn import _validate
from infodyn.diffused import diffuse
from infodyn.estimates import Estimate, rounding


def at_times(function, data, process, t, what):
    """Map function(diffused, time) over times; returns an Estimate of arrays of t's shape."""
    t = _validate.times(t)
    found = [
        function(diffuse(data, process, time), time)
        for time in tqdm(t.ravel(), desc=what, unit="time", delay=1.0, leave=False)
    ]
    value, error = np.array(found, dtype=float).reshape(-1, 2).T
    error = error + rounding(value)
    return Estimate(value.reshape(t.shape)[()], error.reshape(t.shape)[()])


def common_draws(rng, samples):
    """A generator for each time, all alike: common random numbers make curves smooth."""
    seed = 0 if rng is None else int(_validate.generator(rng).integers(2**63))
    samples = _validate.count("samples", samples)
    return lambda: (np.random.default_rng(seed), samples)
