"""The score of the handwritten digits: 1797 points in 64 dimensions, 1000 noisy queries, several times."""

import numpy as np
from sklearn.datasets import load_digits

from benchmarks import scores
from benchmarks.measure import Contestant, bare, peak_memory, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, diffuse, points

TIMES = (0.1, 0.3, 1.0, 3.0)
QUERIES, ROUNDS = 1000, 7
#: Queries of torch.distributions, which keeps N x M x D numbers.
FEW = 20


def run():
    """Measure at each time; what is stated is the worst of them."""
    y = load_digits().data / 16
    law = points(y)
    peers = {"SciPy": scores.with_scipy(y), "scikit-learn": scores.with_sklearn(y)}
    traced = tuple(peers)
    peers |= scores.with_jax(y) | scores.with_torch(y)
    slow = scores.with_torch_distributions(y)
    races, memory = {}, {}
    for t in TIMES:
        x = diffuse(law, EDM(), t).sample(QUERIES, np.random.default_rng(0))
        tasks = {"infodyn": lambda x=x, t=t: diffuse(law, EDM(), t).score(x)}
        tasks |= {name: lambda f=f, x=x, t=t: f(x, t) for name, f in peers.items()}
        contestants = {name: Contestant(task) for name, task in tasks.items()}
        contestants["limit"] = Contestant(bare(products(*y.shape, QUERIES), (QUERIES, len(y))))
        contestants["torch.distributions"] = Contestant(lambda x=x, t=t: slow(x[:FEW], t), FEW / QUERIES)
        races[f"digits, t = {t:g}"] = race(f"digits, t = {t:g}", contestants, ROUNDS)
        for name in ("infodyn", *traced):
            memory[name] = max(memory.get(name, 0.0), peak_memory(tasks[name]) / 1e6)
    return Findings(
        {
            "digits/limit": worst(races.values(), "limit"),
            "digits/jax": worst(races.values(), "JAX vmap(grad)"),
            "digits/memory": Measured(
                memory.pop("infodyn"), memory, "NumPy's arrays; JAX and PyTorch do not tell theirs"
            ),
        },
        races,
    )


def products(number, dim, queries):
    """The two matrix products of a score: queries by points, and weights by points."""
    return [(queries, dim, number), (queries, number, dim)]


def worst(races, unit):
    """The greatest ratio of each contestant's CPU time to that of one of them over some races."""
    ratios = {}
    for times in races:
        for name, its in times.items():
            ratios[name] = max(ratios.get(name, 0.0), its.cpu / times[unit].cpu)
    del ratios[unit]
    return Measured(ratios.pop("infodyn"), {k: v for k, v in ratios.items() if k != "limit"})
