"""How costs grow: power laws fitted to times over a range of sizes."""

import numpy as np

from benchmarks import mixtures, profiles
from benchmarks.measure import Contestant, power_law, race
from benchmarks.results import Findings
from infodyn import EDM, diffuse, points

ROUNDS = 5
#: Number of points, dimension and number of queries, where they do not vary.
NUMBER, DIM, QUERIES = 4000, 64, 500
#: A time at which all points matter.
TIME = 3.0


def score(number=NUMBER, dim=DIM, queries=QUERIES):
    """The score of a set of points."""
    rng = np.random.default_rng(0)
    law = points(rng.standard_normal((number, dim)))
    x = diffuse(law, EDM(), TIME).sample(queries, rng)

    def run():
        diffuse(law, EDM(), TIME).score(x)

    return run


def mixture(number):
    """Score, Jacobian and divergence of a mixture with full covariances."""
    law = mixtures.data(number)
    x = diffuse(law, EDM(), mixtures.TIME).sample(QUERIES, np.random.default_rng(1))

    def run():
        mixtures.derivatives(law, x)

    return run


def profile(times):
    """Entropy, rate and variance of five points in the plane over two decades of time."""
    law, t = points(profiles.SETS["plane"]), np.geomspace(0.1, 10, times)

    def run():
        profiles.profile(law, t)

    return run


LAWS = (
    ("score", "number of points N", (1000, 2000, 4000, 8000, 16_000, 32_000), lambda n: score(number=n)),
    ("score", "dimension D", (16, 32, 64, 128, 256, 512), lambda n: score(dim=n)),
    ("score", "number of queries M", (125, 250, 500, 1000, 2000, 4000), lambda n: score(queries=n)),
    ("mixture: score, Jacobian, divergence", "number of components K", (2, 4, 8, 16, 32, 64), mixture),
    ("entropy, rate, variance", "number of times", (4, 8, 16, 32, 64), profile),
)


def run():
    """Measure the sizes of each law in the same rounds."""
    laws = []
    for what, size, sizes, task in LAWS:
        times = race(f"{what}, {size}", {n: Contestant(task(n)) for n in sizes}, ROUNDS)
        seconds = [times[n].cpu for n in sizes]
        laws.append(
            {
                "what": what,
                "size": size,
                "sizes": sizes,
                "seconds": seconds,
                **power_law(sizes, seconds)._asdict(),
            }
        )
    return Findings(laws=laws)
