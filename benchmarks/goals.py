"""The goals: what is compared with what, and how far it is to go."""

from typing import NamedTuple


class Goal(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    task : str
    quantity : str
        What is measured; most often a ratio of CPU times.
    bound : float
        The goal.
    least : bool
        Whether the bound is a lower one.
    """

    task: str
    quantity: str
    bound: float
    least: bool = False

    def met(self, value):
        """Whether a measured value is within the bound."""
        return value >= self.bound if self.least else value <= self.bound


DIGITS = "Score of 1797 digits, D = 64, at 1000 points"
CLUSTERS = "Score of 60,000 points, D = 784, at 250 points"
MIXTURE = "Mixture, K = 8, D = 64: score, Jacobian, divergence at 10,000 points"
PROFILES = {
    "two": "Entropy, rate, variance at 64 times: two points",
    "cube": "Entropy, rate, variance at 64 times: 16 corners of a cube in 4-D",
    "plane": "Entropy, rate, variance at 64 times: five points in 2-D",
}
EMBEDDED = "The five points in D = 1,000,000 and in D = 10"
PATHS = "1000 reverse paths of 500 steps, digits"
CLUSTER = "Score of 1,000,000 points in blocks, D = 64, on two Dask workers"

GOALS = {
    "digits/limit": Goal(DIGITS, "time / limit", 1.2),
    "digits/jax": Goal(DIGITS, "time / JAX's vmap(grad)", 1.0),
    "digits/memory": Goal(DIGITS, "MB above the inputs", 16.0),
    "clusters/limit": Goal(CLUSTERS, "time / limit, where all points matter", 1.1),
    "clusters/few": Goal(CLUSTERS, "time where few points matter / where all do", 0.3),
    "clusters/worst": Goal(CLUSTERS, "greatest time / time where all points matter", 1.1),
    "clusters/error": Goal(CLUSTERS, "relative error where few points matter", 1e-12),
    "mixture/limit": Goal(MIXTURE, "time / limit", 2.0),
    "mixture/hessian": Goal(MIXTURE, "JAX's Hessian / time", 40.0, least=True),
    **{
        f"{name}/{goal}": Goal(PROFILES[name], quantity, bound, least)
        for name, seconds in {"two": 0.003, "cube": 0.003, "plane": 0.15}.items()
        for goal, quantity, bound, least in (
            ("seconds", "seconds", seconds, False),
            ("error", "greatest relative error", 1e-6, False),
            ("quadrature", "Gauss–Hermite of equal accuracy / time", 5.0, True),
        )
    },
    "embedded/time": Goal(EMBEDDED, "time in D = 1,000,000 / in D = 10", 1.3),
    "embedded/error": Goal(EMBEDDED, "greatest relative difference", 1e-10),
    "paths/jax": Goal(PATHS, "time / JAX's scan", 0.6),
    "cluster/time": Goal(CLUSTER, "CPU time of all processes / of one process", 1.1),
    "cluster/error": Goal(CLUSTER, "greatest relative difference", 1e-12),
}
