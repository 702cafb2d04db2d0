"""Averages over p_t at many times, from the same random numbers at each."""

import numpy as np
from tqdm import tqdm

from infodyn import _validate
from infodyn.diffused import at_noise, need_law_and_process
from infodyn.distributions import GaussianMixture
from infodyn.estimates import Estimate, rounding
from infodyn.shared import SharedChannel


def at_times(name, data, process, t, draw, what):
    """Ask the diffused law for an average, by the name of its method, at times t (...)."""
    need_law_and_process(data, process)
    t = _validate.times(t)
    return at_levels(name, data, process.alpha(t), process.sigma(t), draw, what)


def at_levels(name, data, alpha, sigma, draw, what):
    """Ask the diffused law for an average, by the name of its method, at noise levels of one shape."""
    levels = alpha.ravel(), sigma.ravel()
    if alpha.size and isinstance(data, GaussianMixture) and SharedChannel.knows(name, data):
        found = getattr(SharedChannel(data, *levels), name)(draw)
    else:
        bar = tqdm(
            zip(*levels, strict=True), total=alpha.size, desc=what, unit="time", delay=1.0, leave=False
        )
        found = [getattr(at_noise(data, *level), name)(*draw()) for level in bar]
        found = np.array(found, dtype=float).reshape(-1, 2).T
    value, error = found
    error = error + rounding(value)
    return Estimate(value.reshape(alpha.shape)[()], error.reshape(alpha.shape)[()])


def common_draws(rng, samples):
    """A generator for each time, all alike: common random numbers make curves smooth."""
    seed = 0 if rng is None else int(_validate.generator(rng).integers(2**63))
    samples = _validate.count("samples", samples)
    return lambda: (np.random.default_rng(seed), samples)
