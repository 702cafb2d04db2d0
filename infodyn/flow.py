r"""Steps along the probability flow, in the clock of the noise level.

The flow is solved for :math:`u = x/\alpha`, which has no linear drift:
:math:`du/d\nu = -\sigma s = E[z|x]` with :math:`\nu = \sigma/\alpha`. So the process enters through α and σ
alone, and where the posterior knows its point a step is exact, however long.
"""

from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from infodyn import _validate


class Instant(NamedTuple):
    """A time, and the channel at that time."""

    time: float
    alpha: float
    sigma: float
    level: float


def instants(process, times):
    """The channel at each time; raise where no signal is left."""
    alpha, level = process.alpha(times), process.noise_level(times)
    if not np.all(np.isfinite(level)):
        raise ValueError(
            f"the signal must be there at every time, but alpha({times.max():g}) = {alpha.min():g}; "
            "start from an earlier time"
        )
    return list(map(Instant, times, alpha, process.sigma(times), level))


def starts(x, times):
    """Return x as points (n, D) and times as an array of one direction."""
    x = _validate.real_array("x", x, "an array (n, D)")
    if x.ndim != 2:
        raise ValueError(f"x must have shape (n, D), one start a row, got {x.shape}; reshape it")
    times = _validate.times(times)
    if times.ndim != 1 or len(times) < 2:
        raise ValueError(f"times must be a list of at least two times, got shape {times.shape}; add one")
    steps = np.diff(times)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise ValueError("times must go one way, falling or rising throughout; sort them and drop duplicates")
    return x, times


def progress(sequence, what):
    """Show progress over steps, once it takes longer than a second."""
    return tqdm(sequence, desc=what, unit="step", delay=1.0, leave=False)


def steps(process, times):
    """List (before, between, after), the instants that each step of :func:`runge_kutta` looks at."""
    given = instants(process, times)
    levels = np.array([instant.level for instant in given])
    between = instants(process, process.time_of((levels[:-1] + levels[1:]) / 2))
    return list(zip(given[:-1], between, given[1:], strict=True))


def runge_kutta(slope, state, before, between, after):
    """One classical Runge-Kutta step, of order 4, for d state / dν = slope(state, instant)."""
    width = after.level - before.level
    first = slope(state, before)
    second = slope(state + width / 2 * first, between)
    third = slope(state + width / 2 * second, between)
    fourth = slope(state + width * third, after)
    return state + width / 6 * (first + 2 * second + 2 * third + fourth)
