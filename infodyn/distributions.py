"""Data laws: Gaussian mixtures (so also Gaussians on subspaces), point masses, the uniform sphere."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from infodyn import _validate
from infodyn.datalaw import DataLaw
from infodyn.estimates import blocks
from infodyn.products import factorise
from infodyn.sharedkernel import Cloud
from infodyn.streams import StreamedPoints, is_stream

#: Coordinates of all means that are looked at at once.
CACHED = 1 << 12


@dataclass(frozen=True, eq=False)
class GaussianMixture(DataLaw):
    r"""A mixture of Gaussians, :math:`p_0 = \sum_k \pi_k\, N(\mu_k, \Sigma_k)`.

    Parameters
    ----------
    weights : array_like, shape (K,)
        Probabilities π of the components: >= 0, of sum 1.
    means : array_like, shape (K, D)
        Means μ of the components.
    covariances : array_like
        A scalar c (every Σ = c I), (K,) (Σ_k = c_k I), (D, D) (one Σ for all) or (K, D, D).
        Symmetric and positive semi-definite; zero and singular ones are allowed: a zero covariance
        is a point mass, a singular one a Gaussian on an affine subspace.

    Raises
    ------
    ValueError, TypeError
        For weights that are negative or do not sum to 1, shapes that do not fit, covariances that
        are not symmetric or have a negative eigenvalue, and numbers that are not finite.

    Examples
    --------
    >>> GaussianMixture([0.5, 0.5], [[-1.0, 0.0], [1.0, 0.0]], 0.1).dim
    2
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray | float = 0.0

    def __post_init__(self):
        means = _validate.real_array("means", self.means, "an array (K, D)")
        if means.ndim != 2 or means.size == 0:
            raise ValueError(
                f"means must have shape (K, D) with K, D >= 1, got {means.shape}; one mean a row"
                + ("; in one dimension use means[:, None]" if means.ndim == 1 and means.size else "")
            )
        weights = _validate.probabilities(self.weights, len(means))
        covariances = _covariances(self.covariances, *means.shape)
        for name, array in (("weights", weights), ("means", means), ("covariances", covariances)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def dim(self):
        """Ambient dimension D."""
        return self.means.shape[1]

    @property
    def mean(self):
        return self.weights @ self.means

    @cached_property
    def spectra(self):
        """Eigenvalues and eigenvectors of the covariances.

        Returns
        -------
        values : ndarray, shape (K, D), or (K, 1) where every Σ_k is a multiple of the identity
        vectors : ndarray, shape (K, D, D), columns, or None for multiples of the identity
        """
        number, dim = self.means.shape
        if self.covariances.ndim <= 1:
            return np.broadcast_to(self.covariances.reshape(-1, 1), (number, 1)), None
        values, vectors = np.linalg.eigh(self.covariances)
        floor = dim * np.finfo(float).eps * np.max(values, axis=-1, keepdims=True)
        values = np.where(values > floor, values, 0.0)
        return np.broadcast_to(values, (number, dim)), np.broadcast_to(vectors, (number, dim, dim))

    @cached_property
    def cloud(self):
        """The means about their average, as sums over them need them at every time."""
        return Cloud.of(self.weights, self.means)

    @cached_property
    def on_span(self):
        """The law on the affine span of its means, where every covariance is c I; None otherwise.

        Across the span lies Gaussian noise of the same variance, independent of the component.
        """
        if self.covariances.ndim:
            return None
        left, lengths, _ = np.linalg.svd(self._triangle().T, full_matrices=False)
        rank = max(1, np.sum(lengths > 1e-14 * len(lengths) * lengths[0]))
        return GaussianMixture(self.weights, left[:, :rank] * lengths[:rank], self.covariances)

    def _triangle(self):
        """The factor R of centred means, (K, K) at most, from parts of their columns that stay in cache."""
        parts = []
        for start in range(0, self.dim, CACHED):
            part = self.means[:, start : start + CACHED]
            gaps = part - part[0]  # exact on a far line, where the mean is not
            parts.append(np.linalg.qr((gaps - self.weights @ gaps).T, mode="r"))
        return parts[0] if len(parts) == 1 else np.linalg.qr(np.concatenate(parts), mode="r")

    @cached_property
    def factors(self):
        """The law on its span as a product: a list of :class:`Factor`, components of weight 0 left out."""
        live = self.weights > 0
        law = self if live.all() else GaussianMixture(self.weights[live], self.means[live], self.covariances)
        return factorise(law.weights, law.on_span.means)

    @cached_property
    def overlaps(self):
        """Groups of two or more components on one affine subspace: a list of index arrays.

        Components of one group overlap; those of different groups can be told apart from x_0.
        """
        values, vectors = self.spectra
        live = np.flatnonzero(self.weights)
        if vectors is None:
            full, atoms = live[values[live, 0] > 0], live[values[live, 0] == 0]
            label = _distinct_rows(self.means, atoms)
            order = np.argsort(label, kind="stable")
            groups = [full, *np.split(atoms[order], np.flatnonzero(np.diff(label[order])) + 1)]
        else:
            groups = []
            for k in live:
                for group in groups:
                    if _same_support(self.means[k] - self.means[group[0]], k, group[0], values, vectors):
                        group.append(k)
                        break
                else:
                    groups.append([k])
        return [np.array(group) for group in groups if len(group) > 1]

    def sample(self, n, rng):
        n, rng = _validate.count("n", n), _validate.generator(rng)
        labels = rng.choice(len(self.weights), size=n, p=self.weights)
        x = self.means[labels]
        values, vectors = self.spectra
        if not values.any():
            return x
        noise = rng.standard_normal(x.shape) * np.sqrt(values[labels])
        if vectors is not None:
            for k in np.unique(labels):
                noise[labels == k] = noise[labels == k] @ vectors[k].T
        return x + noise


def points(locations, weights=None):
    """Point masses: two points, a lattice, or a whole data set.

    Parameters
    ----------
    locations : array_like, shape (N, D)
        The points, one a row. Points that occur more than once are merged (their weights added),
        in the order of first occurrence; not so in a ``numpy.memmap`` or a ``dask.array.Array``, which is
        read in blocks.
    weights : array_like, shape (N,), optional
        Their probabilities; 1/N by default.

    Returns
    -------
    GaussianMixture
        With covariance 0, one component a distinct point. Of a memory map or a Dask array, which may be
        larger than memory, a :class:`StreamedPoints`.

    Raises
    ------
    ValueError, TypeError
        For an empty set, shapes that do not fit, numbers that are not finite, and weights that are
        negative or do not sum to 1.

    Examples
    --------
    >>> points([[0.0], [1.0], [0.0]]).weights.round(4).tolist()
    [0.6667, 0.3333]
    """
    if is_stream(locations):
        return StreamedPoints(locations, weights)
    locations = _validate.real_array("locations", locations, "an array (N, D)", copy=False)
    if locations.ndim != 2 or locations.size == 0:
        raise ValueError(
            f"locations must have shape (N, D) with N, D >= 1, got {locations.shape}; one point a row"
            + ("; in one dimension use locations[:, None]" if locations.ndim == 1 and locations.size else "")
        )
    if weights is None:
        weights = np.full(len(locations), 1 / len(locations))
    weights = _validate.probabilities(weights, len(locations))
    label = _distinct_rows(locations, np.arange(len(locations)))
    first = np.unique(label, return_index=True)[1]
    if len(first) < len(locations):
        locations = locations[first]
    return GaussianMixture(np.bincount(label, weights), locations)


@dataclass(frozen=True)
class Sphere(DataLaw):
    r"""The uniform law on the sphere of radius R in :math:`\mathbb R^D`, centred at 0.

    Parameters
    ----------
    dim : int
        Ambient dimension D >= 1 (for D = 1 the two points ±R).
    radius : float
        R > 0.

    Examples
    --------
    >>> x = Sphere(3, radius=2.0).sample(5, np.random.default_rng(0))
    >>> np.linalg.norm(x, axis=1).round(12).tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0]
    """

    dim: int
    radius: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "dim", _validate.count("dim", self.dim))
        object.__setattr__(self, "radius", _validate.positive("radius", self.radius))

    @property
    def mean(self):
        return np.zeros(self.dim)

    def sample(self, n, rng):
        x = _validate.generator(rng).standard_normal((_validate.count("n", n), self.dim))
        return x * (self.radius / np.linalg.norm(x, axis=1, keepdims=True))


def _distinct_rows(table, rows):
    """Number the distinct ones of some rows in the order of first occurrence; returns each row's number.

    They are told apart by sums of their bits, over as many columns as it takes; those that share all sums
    are compared.
    """
    rng, sums, alike = np.random.default_rng(0), np.zeros(len(rows), np.uint64), np.arange(len(rows))
    for start in range(0, table.shape[1], CACHED):
        part = table[:, start : start + CACHED]
        odd = 2 * rng.integers(2**63, size=part.shape[1], dtype=np.uint64) + np.uint64(1)
        for b in blocks(len(alike), part.shape[1]):
            bits = (part[rows[alike[b]]] + 0.0).view(np.uint64)  # + 0.0: no sign of zero
            sums[alike[b]] += np.einsum("nd,d->n", bits, odd)
        _, label, number = np.unique(sums[alike], return_inverse=True, return_counts=True)
        alike = alike[number[label] > 1]
        if not len(alike):
            break
    keys = list(range(len(rows)))
    for n in alike:
        keys[n] = (table[rows[n]] + 0.0).tobytes()
    seen = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], int)


def _covariances(covariances, number, dim):
    c = _validate.real_array("covariances", covariances, "a scalar or an array")
    if c.shape not in ((), (number,), (dim, dim), (number, dim, dim)):
        raise ValueError(
            f"covariances must be a scalar, ({number},), ({dim}, {dim}) or ({number}, {dim}, {dim}), "
            f"got shape {c.shape}; K = {number} and D = {dim} come from the means"
        )
    if c.ndim <= 1:
        if np.any(c < 0):
            raise ValueError(
                f"covariances must be >= 0, got {c.min():g}; pass variances, not their logarithms"
            )
        return c.copy()
    scale = np.abs(c).max()
    asymmetry = np.abs(c - np.swapaxes(c, -1, -2)).max()
    if asymmetry > 1e-10 * scale:
        raise ValueError(
            f"covariances must be symmetric, but C - C^T has an entry {asymmetry:.3g}; use (C + C.T) / 2"
        )
    c = (c + np.swapaxes(c, -1, -2)) / 2
    lowest = np.linalg.eigvalsh(c).min()
    if lowest < -1e-10 * scale:
        raise ValueError(
            f"covariances must have no negative eigenvalue, but the least is {lowest:.3g}; "
            "pass C = A @ A.T, or clip the eigenvalues at 0"
        )
    return c


def _same_support(offset, j, k, values, vectors):
    """Whether components j and k, whose means differ by ``offset``, live on one affine subspace."""
    range_j, range_k = vectors[j][:, values[j] > 0], vectors[k][:, values[k] > 0]
    if range_j.shape != range_k.shape:
        return False

    def outside(v):
        return np.linalg.norm(v - range_k @ (range_k.T @ v))

    scale = max(np.linalg.norm(offset), np.sqrt(values[k].max()))
    return outside(offset) <= 1e-10 * scale and outside(range_j) <= 1e-8
