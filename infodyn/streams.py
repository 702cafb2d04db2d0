"""Point masses that are read in blocks: data sets larger than memory."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from infodyn import _validate
from infodyn.datalaw import DataLaw
from infodyn.reduction import blocks_of_rows, by_dask, in_turn


def is_stream(locations):
    """Whether locations are a memory map or a Dask array."""
    return isinstance(locations, np.memmap) or _is_dask(locations)


def _is_dask(locations):
    return hasattr(locations, "__dask_graph__") and hasattr(locations, "chunks")


class Survey(NamedTuple):
    """What one pass over the data finds, places measured from a law's origin.

    Attributes
    ----------
    mass : float
        Sum of the weights.
    moment : ndarray, shape (D,)
        Weighted sum of the places.
    square : float
        The greatest squared distance.
    """

    mass: float
    moment: np.ndarray
    square: float


class Scatter(NamedTuple):
    """The weights' sum, the mean and the weighted sum of squares about it, (D, D), of a part of the data."""

    mass: float
    mean: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True, eq=False)
class StreamedPoints(DataLaw):
    r"""Point masses, :math:`p_0 = \sum_k \pi_k\,\delta(y_k)`, that are read in blocks.

    What :func:`points` returns for a memory map or a Dask array. Every result of the diffused law is one
    pass over the data, with memory for a few blocks. The rows of a memory map are read in turn; the chunks
    of a Dask array are worked on by the scheduler in force, a cluster if there is a client.

    Rows that occur more than once are not merged. Densities, scores and moments do not depend on that;
    entropies do: they are those of the row's number, so every row counts as distinct.

    Parameters
    ----------
    locations : numpy.memmap or dask.array.Array, shape (N, D)
        The points, one a row.
    weights : array_like, shape (N,), optional
        Their probabilities π, kept in memory; 1/N by default.

    Raises
    ------
    ValueError, TypeError
        As for :func:`points`, and for a Dask array that does not know its length. Numbers that are not
        finite are found when they are read.

    Notes
    -----
    An interruption says how many blocks were done. A cluster computes again what a worker that dies takes
    with it. Dask's worker processes hand every freed page back at once (``MALLOC_TRIM_THRESHOLD_``), which
    costs these sums a third to a half more processor time; set
    ``distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_`` to 2^28 and ``...MALLOC_MMAP_THRESHOLD_``
    to 2^25 before the cluster starts.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryFile() as file:
    ...     rows = np.memmap(file, dtype=float, mode="w+", shape=(2, 1))
    ...     rows[:] = [[-1.0], [3.0]]
    ...     StreamedPoints(rows).mean.tolist()
    [1.0]
    """

    locations: object
    weights: np.ndarray | None = None

    def __post_init__(self):
        shape, kind = self.locations.shape, self.locations.dtype.kind
        if kind not in "biuf":
            raise TypeError(f"locations must be real numbers, got {self.locations.dtype}; convert them")
        if len(shape) != 2 or 0 in shape:
            raise ValueError(f"locations must have shape (N, D) with N, D >= 1, got {shape}; one point a row")
        if np.isnan(shape).any():
            raise ValueError(
                f"locations must know their shape, got {shape}; call locations.compute_chunk_sizes() first"
            )
        if self.weights is not None:
            weights = _validate.probabilities(self.weights, shape[0])
            weights.setflags(write=False)
            object.__setattr__(self, "weights", weights)

    @property
    def number(self):
        """Number of rows N."""
        return self.locations.shape[0]

    @property
    def dim(self):
        """Ambient dimension D."""
        return self.locations.shape[1]

    @cached_property
    def origin(self):
        """A place amid the data, the mean of its first rows, from which others are measured."""
        first = blocks_of_rows(self.number, self.dim)[0]
        return _validate.real_array("locations", self.locations[first]).mean(axis=0)

    @cached_property
    def survey(self):
        """Mass, moment and size of the data: one pass."""
        return self.reduce(_survey, _merge_surveys, self.origin, "survey of the data")

    @property
    def mean(self):
        return self.origin + self.survey.moment / self.survey.mass

    @cached_property
    def covariance(self):
        """Covariance of x_0, (D, D): one pass."""
        found = self.reduce(_scatter, _merge_scatters, self.origin, "covariance of the data")
        return found.squares / found.mass

    def sample(self, n, rng):
        n, rng = _validate.count("n", n), _validate.generator(rng)
        if self.weights is None:
            rows = rng.integers(self.number, size=n)
        else:
            rows = rng.choice(self.number, size=n, p=self.weights)
        rows, place = np.unique(rows, return_inverse=True)
        return np.asarray(self.locations[rows], dtype=float)[place]

    def reduce(self, summarise, merge, shared, what):
        """Merge what ``summarise(rows, weights, shared)`` returns, over the blocks of the data."""
        if _is_dask(self.locations):
            locations = self.locations.rechunk({1: -1})
            edges = np.cumsum([0, *locations.chunks[0]])
            rows = [slice(*edges[k : k + 2]) for k in range(len(edges) - 1)]
            read, run = locations.to_delayed().ravel(), by_dask
        else:
            rows = blocks_of_rows(self.number, self.dim)
            read, run = [self.locations[b] for b in rows], in_turn
        pieces = [(block, self._weights(b), b.start) for block, b in zip(read, rows, strict=True)]
        return run(pieces, summarise, merge, shared, what)

    def _weights(self, rows):
        return 1 / self.number if self.weights is None else self.weights[rows]


def _survey(rows, weights, origin):
    rows = rows - origin
    return Survey(weights.sum(), weights @ rows, np.einsum("kd,kd->k", rows, rows).max())


def _merge_surveys(a, b, _):
    return Survey(a.mass + b.mass, a.moment + b.moment, max(a.square, b.square))


def _scatter(rows, weights, origin):
    rows = rows - origin
    mean = weights @ rows / weights.sum()
    rows -= mean
    return Scatter(weights.sum(), mean, (weights[:, None] * rows).T @ rows)


def _merge_scatters(a, b, _):
    mass, gap = a.mass + b.mass, b.mean - a.mean
    between = a.mass * b.mass / mass * np.outer(gap, gap)
    return Scatter(mass, a.mean + b.mass / mass * gap, a.squares + b.squares + between)
