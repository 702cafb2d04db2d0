"""How time, memory and growth are measured: in interleaved rounds, as medians, on one thread."""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
from tqdm import tqdm


@dataclass(frozen=True)
class Contestant:
    """One way to do a task.

    Attributes
    ----------
    run : callable
        Does the task and returns its result: an array or a tuple of arrays; None for a bare limit.
    share : float
        Part of the task that it does, the leading rows of the result; its time is divided by it.
    rtol : float
        How far its result may be from the expected one, relative to the greatest number there.
    expected : array or tuple of arrays, optional
        What the result is to be, or its leading rows; by default the result of the first contestant.
    """

    run: Callable
    share: float = 1.0
    rtol: float = 1e-9
    expected: object = None


class Times(NamedTuple):
    """Median seconds of the whole task, and how far the result is from the expected one."""

    cpu: float
    wall: float
    differs: float


def race(what, contestants, rounds, clock=process_time, least=0.0, steady=False):
    """Time contestants in interleaved rounds, after each has been warmed up and its result compared.

    Parameters
    ----------
    what : str
        What the progress bar says.
    contestants : dict
        Name to :class:`Contestant`.
    rounds : int
        How often each runs.
    clock : callable
        Tells CPU seconds; those of this process by default.
    least : float
        Seconds that each runs in all, at least: quick ones take more turns, among themselves.
    steady : bool
        Whether each runs once more, untimed, before every turn. Where results are large, memory that was
        given back meanwhile, and that a virtual machine first has to fetch from its host, else costs more
        than what is computed.

    Returns
    -------
    dict
        Name to :class:`Times`.

    Raises
    ------
    ValueError
        Where a result is not what is expected.
    """
    first, differs = None, {}
    taken = {name: [] for name in contestants}
    with tqdm(total=len(contestants) * (rounds + 1), desc=what, unit="run", leave=False) as bar:
        for name, contestant in contestants.items():
            bar.set_postfix_str(str(name))
            found = contestant.run()
            first = found if first is None else first
            expected = first if contestant.expected is None else contestant.expected
            differs[name] = 0.0 if found is None else difference(found, expected)
            if not differs[name] <= contestant.rtol:
                raise ValueError(
                    f"{what}: the result of {name} is off by {differs[name]:.1e}, more than "
                    f"{contestant.rtol:.0e}; mend it, or see that all contestants do the same"
                )
            bar.update()
        turns = rounds * list(contestants)
        while turns:
            for name in turns:
                bar.set_postfix_str(str(name))
                if steady:
                    contestants[name].run()
                cpu, wall = clock(), perf_counter()
                contestants[name].run()
                seconds = perf_counter() - wall
                taken[name].append((clock() - cpu, seconds))
                bar.update(len(taken[name]) <= rounds)
            turns = [name for name, its in taken.items() if sum(wall for _, wall in its) < least]
    return {
        name: Times(*(np.median(seconds, axis=0) / contestants[name].share).tolist(), differs[name])
        for name, seconds in taken.items()
    }


def difference(found, expected):
    """Greatest difference of two results in the rows that both have, beside the greatest number there."""
    found, expected = (result if isinstance(result, tuple) else (result,) for result in (found, expected))
    gaps = []
    for one, other in zip(found, expected, strict=True):
        rows = min(len(one), len(other))
        one, other = np.asarray(one[:rows]), np.asarray(other[:rows])
        gaps.append(np.abs(one - other).max() / np.abs(other).max())
    return float(np.max(gaps))  # NaN if one of them is


def bare(products, exponentials):
    """The limit of a task: its matrix products and exponentials alone, on arrays that are there already.

    Parameters
    ----------
    products : list of tuple
        Shapes (..., m, k, n) of the products: (..., m, k) by (..., k, n).
    exponentials : tuple
        Shape of the array of which the exponential is taken.

    Returns
    -------
    callable
        Does them; returns None.
    """
    rng = np.random.default_rng(0)
    factors = [
        (rng.standard_normal((*batch, m, k)), rng.standard_normal((*batch, k, n)))
        for *batch, m, k, n in products
    ]
    results = [np.empty((*batch, m, n)) for *batch, m, _, n in products]
    exponents = rng.uniform(-30, 0, exponentials)
    powers = np.empty(exponentials)

    def run():
        np.exp(exponents, out=powers)
        for (left, right), result in zip(factors, results, strict=True):
            np.matmul(left, right, out=result)

    return run


def peak_memory(run):
    """Bytes above what is there already that NumPy's arrays and Python's objects reach in a run."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class PowerLaw(NamedTuple):
    """Exponent of a cost that grows as a power of a size, and its standard error."""

    exponent: float
    error: float


def power_law(sizes, seconds):
    """Fit a power law by least squares in the logarithms.

    Parameters
    ----------
    sizes, seconds : array_like, shape (n,)
        At least three sizes, and what each cost.

    Returns
    -------
    PowerLaw
    """
    (exponent, _), covariance = np.polyfit(np.log(sizes), np.log(seconds), 1, cov=True)
    return PowerLaw(float(exponent), float(np.sqrt(covariance[0, 0])))
