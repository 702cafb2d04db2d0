"""The score of 60,000 points in 784 dimensions: where all points matter, and where few do."""

import numpy as np

from benchmarks import scores
from benchmarks.digits import products
from benchmarks.measure import Contestant, bare, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, diffuse, points

NUMBER, DIM, QUERIES, ROUNDS = 60_000, 784, 250, 3
#: From times at which one point takes all the posterior to one at which all of them share it.
FEW, *BETWEEN, ALL = 0.5, 2.0, 5.0, 30.0
#: Queries of what takes differences instead of a matrix product.
PART = 25


def data(number=NUMBER, dim=DIM):
    """Ten clusters, whose points lie half as far apart as the clusters."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((10, dim))[rng.integers(10, size=number)] + rng.normal(0, 0.5, (number, dim))


def run():
    """Measure all times in the same rounds."""
    y = data()
    law = points(y)
    exact = scores.with_scipy(y)
    x = {t: diffuse(law, EDM(), t).sample(QUERIES, np.random.default_rng(0)) for t in (FEW, *BETWEEN, ALL)}
    peers = {"scikit-learn": scores.with_sklearn(y)} | scores.with_jax(y) | scores.with_torch(y)
    contestants = {
        f"infodyn, t = {t:g}": Contestant(
            lambda t=t: diffuse(law, EDM(), t).score(x[t]), expected=exact(x[t][:PART], t)
        )
        for t in (ALL, *BETWEEN, FEW)
    }
    contestants |= {name: Contestant(lambda f=f: f(x[ALL], ALL)) for name, f in peers.items()}
    contestants["SciPy"] = Contestant(lambda: exact(x[ALL][:PART], ALL), PART / QUERIES)
    contestants["limit"] = Contestant(bare(products(*y.shape, QUERIES), (QUERIES, NUMBER)))
    times = race("clusters", contestants, ROUNDS, steady=True)
    ours = {t: times[f"infodyn, t = {t:g}"] for t in x}
    others = [*peers, "SciPy"]
    return Findings(
        {
            "clusters/limit": Measured(
                ours[ALL].cpu / times["limit"].cpu,
                {name: times[name].cpu / times["limit"].cpu for name in others},
            ),
            "clusters/few": Measured(ours[FEW].cpu / ours[ALL].cpu),
            "clusters/worst": Measured(max(its.cpu for its in ours.values()) / ours[ALL].cpu),
            "clusters/error": Measured(
                ours[FEW].differs, note=f"from sums over differences, at {PART} of the points"
            ),
        },
        {"clusters": times},
    )
