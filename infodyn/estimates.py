"""A number and how far it may be off."""

from typing import NamedTuple

import numpy as np

#: Numbers held in memory at once: as many as stay in a core's cache.
BLOCK = 1 << 18
#: Numbers held in memory at once where small blocks would be slow.
MOST = 1 << 24


class Estimate(NamedTuple):
    """A number and how far it may be off.

    Attributes
    ----------
    value : float or ndarray
        The estimate.
    error : float or ndarray
        A bound on the absolute error where the value was reached by quadrature, a standard error
        where it was sampled.
    """

    value: np.ndarray
    error: np.ndarray


def rounding(value):
    """What rounding may cost a value: a few units in the last place, and more in an exponent far from 0."""
    size = np.maximum(np.abs(value), np.finfo(float).tiny)
    return np.finfo(float).eps * np.abs(value) * (16 + 2 * np.abs(np.log(size)))


def blocks(number, columns, least=1):
    """Slices of at most so many rows that a table with ``columns`` fits in memory.

    Of at least so many, where they fit in :data:`MOST`.
    """
    rows = max(1, BLOCK // columns, min(least, MOST // columns))
    return (slice(start, start + rows) for start in range(0, number, rows))
