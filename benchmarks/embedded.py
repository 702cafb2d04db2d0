"""Five points of the plane, embedded in ten dimensions and in a million: what the dimension costs."""

import numpy as np

from benchmarks.measure import Contestant, race
from benchmarks.profiles import SETS, TIMES, profile
from benchmarks.results import Findings, Measured
from infodyn import points

LOW, HIGH, ROUNDS = 10, 1_000_000, 3


def embedded(y, dim):
    """The same points, turned into a space of many dimensions."""
    axes = np.linalg.qr(np.random.default_rng(0).standard_normal((dim, y.shape[1])))[0]
    return y @ axes.T


def run():
    """Measure from the array of points on: a law that is there already has its span at hand."""
    sets = {f"D = {dim:,}": embedded(SETS["plane"], dim) for dim in (LOW, HIGH)}
    times = race(
        "embedded",
        {name: Contestant(lambda y=y: profile(points(y), TIMES), rtol=np.inf) for name, y in sets.items()},
        ROUNDS,
    )
    low, high = times.values()
    return Findings(
        {"embedded/time": Measured(high.cpu / low.cpu), "embedded/error": Measured(high.differs)},
        {"embedded": times},
    )
