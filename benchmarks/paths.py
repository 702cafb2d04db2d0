"""Reverse paths through the digits' score, beside the same algorithm as a scan of JAX."""

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.measure import Contestant, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, points, sample_reverse, score_of

PATHS, ROUNDS = 1000, 2
TIMES = np.geomspace(20.0, 0.02, 501)


def with_jax(y):
    """Heun's method of ``sample_reverse`` for EDM, as a compiled scan; it is given the same noise."""
    import jax
    import jax.numpy as jnp

    y = jnp.asarray(y)
    halves = jnp.einsum("nd,nd->n", y, y) / 2

    def denoise(x, t):
        return jax.nn.softmax((x @ y.T - halves) / t**2, axis=1) @ y

    def step(x, given):
        before, after, noise = given
        keep = (after / before) ** 2
        kept = keep * x + after * jnp.sqrt(1 - keep) * noise
        guess = denoise(x, before)
        x = kept + (1 - keep) * (guess + denoise(kept + (1 - keep) * guess, after)) / 2
        return x, x

    scan = jax.jit(lambda x, before, after, noise: jax.lax.scan(step, x, (before, after, noise))[1])

    def sample(x, times, rng):
        noise = rng.standard_normal((len(times) - 1, *x.shape))
        return np.asarray(scan(x, times[:-1], times[1:], noise))

    return sample


def run():
    """Measure both with the same noise, so that they must find the same paths."""
    y = load_digits().data / 16
    score, jax = score_of(points(y), EDM()), with_jax(y)
    x = TIMES[0] * np.random.default_rng(0).standard_normal((PATHS, y.shape[1]))
    contestants = {
        "infodyn": Contestant(lambda: sample_reverse(score, EDM(), x, TIMES, np.random.default_rng(1))[1:]),
        "JAX scan": Contestant(lambda: jax(x, TIMES, np.random.default_rng(1)), rtol=1e-6),
    }
    times = race("paths", contestants, ROUNDS)
    return Findings({"paths/jax": Measured(times["infodyn"].cpu / times["JAX scan"].cpu)}, {"paths": times})
