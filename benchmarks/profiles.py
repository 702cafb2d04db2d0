"""Entropy, its rate and its variance together at 64 times over two decades, to 1e-6 pointwise."""

from functools import cache
from itertools import product

import numpy as np

from benchmarks import quadratures
from benchmarks.measure import Contestant, race
from benchmarks.results import Findings, Measured
from infodyn import EDM, entropy_profile, points

TIMES, WANTED, ROUNDS = np.geomspace(0.1, 10, 64), 1e-6, 3
LEAST_SECONDS = 0.5  # that each route runs: what takes milliseconds needs more than three rounds for a median
SETS = {
    "two": np.array([[-1.0], [1.0]]),
    "cube": np.array(list(product([-1.0, 1.0], repeat=4))),
    "plane": np.random.default_rng(0).standard_normal((5, 2)),
}
#: Nodes a direction that Gauss-Hermite quadrature is given, until it is accurate enough.
NODES = {
    "two": tuple(2**n for n in range(3, 13)),
    "cube": (4, 6, 8),
    "plane": tuple(2**n for n in range(3, 9)),
}
SAMPLES = 4096  # enough to see what a sample costs
TOLERANCE = 1e-7  # with this SciPy's cubature is asked
LEAST = "infodyn, loosest"


def profile(law, t, rtol=WANTED):
    """What the package is asked for: entropy, rate and variance, an array (3, *t's shape)."""
    found = entropy_profile(law, EDM(), t, rtol=rtol)
    return np.array([found.entropy.value, found.rate.value, found.variance.value])


@cache
def exact(name):
    """The reference at all times, (3, 64), and the standard deviation of one sampled rate beside its mean.

    The cube is a product of four times two points: its averages are four times theirs.
    """
    if name == "cube":
        values, spread = exact("two")
        return 4 * values, spread / 2
    found = [quadratures.reference(SETS[name], t) for t in TIMES]
    return np.array([values for values, _ in found]).T, np.array([spread for _, spread in found])


def beside(run, values):
    """A contestant whose result is divided by the exact one, so that it is told by its pointwise error."""
    return Contestant(lambda: run() / values, rtol=np.inf, expected=np.ones_like(values))


def at_all(route, settings, y):
    """A route at all times, with its setting at each."""
    return np.array([route(setting, y, t) for setting, t in zip(settings, TIMES, strict=True)]).T


def fewest_nodes(name):
    """The fewest nodes with which Gauss-Hermite is accurate enough at each time, and whether it is."""
    y, (values, _) = SETS[name], exact(name)
    rules = [quadratures.hermite_nodes(number, y.shape[1]) for number in NODES[name]]
    chosen, reached = [], []
    for t, value in zip(TIMES, values.T, strict=True):
        for rule in rules:
            reaches = np.abs(quadratures.gauss_hermite(rule, y, t) / value - 1).max() <= WANTED
            if reaches:
                break
        chosen.append(rule)
        reached.append(reaches)
    return chosen, np.array(reached)


def loosest(law, values):
    """The loosest tolerance with which the package is accurate enough at all times."""
    for rtol in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
        if np.abs(profile(law, TIMES, rtol) / values - 1).max() <= WANTED:
            return rtol
    return WANTED


def measure(name):
    """Race over one set of points."""
    y, (values, spread) = SETS[name], exact(name)
    law = points(y)
    rules, reached = fewest_nodes(name)
    rtol = loosest(law, values)
    routes = {
        "infodyn": lambda: profile(law, TIMES),
        LEAST: lambda: profile(law, TIMES, rtol),
        "Gauss–Hermite": lambda: at_all(quadratures.gauss_hermite, rules, y),
        "Monte Carlo": lambda: at_all(quadratures.monte_carlo, [SAMPLES] * len(TIMES), y),
    }
    if name != "cube":  # in four dimensions it would take hours
        routes["SciPy's cubature"] = lambda: at_all(quadratures.adaptive, [TOLERANCE] * len(TIMES), y)
    times = race(
        f"profile, {name}", {k: beside(run, values) for k, run in routes.items()}, ROUNDS, least=LEAST_SECONDS
    )
    seconds = {route: its.cpu for route, its in times.items()}
    seconds["Monte Carlo"] *= float(np.mean(spread**2) / WANTED**2 / SAMPLES)
    ours, least = seconds.pop("infodyn"), seconds.pop(LEAST)
    said = f"{seconds['Gauss–Hermite'] / ours:.2g} where infodyn is asked for 1e-6 and not for {rtol:g}"
    if not reached.all():
        most = NODES[name][-1]
        said += f"; Gauss–Hermite misses 1e-6 at {np.sum(~reached)} times, with {most} nodes a direction"
    lead = {route: its / least for route, its in seconds.items()}
    return Findings(
        {
            f"{name}/seconds": Measured(ours, seconds, "Monte Carlo: for as many samples as the rate needs"),
            f"{name}/error": Measured(
                times["infodyn"].differs,
                {k: times[k].differs for k in seconds if k != "Monte Carlo"},
            ),
            f"{name}/quadrature": Measured(lead.pop("Gauss–Hermite"), lead, said, beyond=not reached.all()),
        },
        {f"profile, {name}": times},
    )


#: The panels of the picture: sets and times; and the settings of each route.
PANELS = [(name, t) for name in ("two", "plane") for t in (0.2, 1.0)]
CURVES = {
    "infodyn": (1e-1, 1e-3, 1e-6, 1e-9, 1e-12),
    "Gauss–Hermite": (8, 16, 32, 64, 128, 256),
    "Monte Carlo": (10**2, 10**3, 10**4, 10**5, 10**6),
    "SciPy's cubature": (1e-1, 1e-3, 1e-5, 1e-7, 1e-9),
}


def precision(name, t):
    """Error against CPU time of every route at one time: route to the two lists."""
    y = SETS[name]
    law, (values, _) = points(y), quadratures.reference(y, t)
    rules = {number: quadratures.hermite_nodes(number, y.shape[1]) for number in CURVES["Gauss–Hermite"]}
    routes = {
        "infodyn": lambda rtol: profile(law, t, rtol),
        "Gauss–Hermite": lambda number: quadratures.gauss_hermite(rules[number], y, t),
        "Monte Carlo": lambda samples: quadratures.monte_carlo(samples, y, t),
        "SciPy's cubature": lambda rtol: quadratures.adaptive(rtol, y, t),
    }
    runs = {(route, s): lambda f=f, s=s: f(s) for route, f in routes.items() for s in CURVES[route]}
    times = race(f"work, {name}, t = {t:g}", {key: beside(run, values) for key, run in runs.items()}, ROUNDS)
    curves = {}
    for (route, _), its in times.items():
        curve = curves.setdefault(route, {"seconds": [], "error": []})
        curve["seconds"].append(its.cpu)
        curve["error"].append(its.differs)
    return curves


def run():
    """Measure every set, and draw the curves' points."""
    found = [measure(name) for name in SETS]
    return Findings(
        {k: v for part in found for k, v in part.measured.items()},
        {k: v for part in found for k, v in part.times.items()},
        {f"{name}, t = {t:g}": precision(name, t) for name, t in PANELS},
    )
