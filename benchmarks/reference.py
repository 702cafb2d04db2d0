r"""What the package computes, from the definitions and in hundreds of digits: slow, and plain.

Nothing here is arranged so that digits survive: the weights are :math:`\pi_kN_k/p`, moments are raw ones,
inverses are inverses of matrices. Such formulas cancel, so many digits are carried. Arrays are NumPy's, of
mpmath numbers.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import mpmath as mp
import numpy as np

from infodyn import EDM, VE, VP

#: Decimal digits carried: what is 1e-290 beside its terms still has 40.
DIGITS = 350
#: The relative change of the numbers that tells how far they determine a result.
SHAKE = mp.mpf(2) ** -80

exact = np.vectorize(mp.mpf, otypes=[object])
_exp = np.vectorize(mp.exp, otypes=[object])
_log = np.vectorize(lambda v: mp.log(+v), otypes=[object])


def channel(process, t):
    """Attenuation and noise of a process of default schedule."""
    if isinstance(process, EDM):
        return mp.mpf(1), t
    if isinstance(process, VE):
        return mp.mpf(1), mp.sqrt(t)
    if isinstance(process, VP):
        return mp.exp(-t), mp.sqrt(-mp.expm1(-2 * t))
    raise TypeError(f"no definition is written down for {process!r}; add it here")


def _inverse(matrix):
    """Inverse and determinant of a symmetric positive definite matrix."""
    matrix = mp.matrix(matrix.tolist())
    return np.array((matrix**-1).tolist(), dtype=object), mp.det(matrix)


def _volume(matrix):
    """Product of the eigenvalues of a positive semi-definite matrix that are not 0, and their number."""
    values = mp.eigsy(mp.matrix(matrix.tolist()), eigvals_only=True)
    values = [v for v in values if v > mp.mpf(10) ** (-mp.mp.dps // 2) * max(values)]
    return mp.fprod(values), len(values)


@dataclass(frozen=True, eq=False)
class Seen:
    """A Gaussian mixture, as the numbers that are handed to the package, seen by a process at time t.

    ``covariances`` has one matrix for each component; ``shared`` says that they are one.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    t: mp.mpf
    process: object
    shared: bool

    @classmethod
    def of(cls, law, process, t):
        """Take over a law's numbers."""
        number, dim = law.means.shape
        c = law.covariances
        if c.ndim <= 1:
            c = np.broadcast_to(c, (number,))[:, None, None] * np.eye(dim)
        shared = law.covariances.ndim in (0, 2)
        covariances = exact(np.broadcast_to(c, (number, dim, dim)))
        return cls(exact(law.weights), exact(law.means), covariances, mp.mpf(t), process, shared)

    def shaken(self, rng, size):
        """Change every number by ``size``, relative to itself, up or down.

        A full covariance changes by that much beside its greatest entry, as it does in an
        eigendecomposition; a singular one keeps its rank, as (1 + E) C (1 + E').
        """

        def signs(*shape):
            return exact(rng.choice([-1, 1], shape))

        def shake(array):
            return array * (1 + size * signs(*np.shape(array)))

        def turn(matrix):
            dim = len(matrix)
            if not np.any(matrix - np.diag(np.diag(matrix))):
                return np.diag(shake(np.diag(matrix)))
            if _volume(matrix)[1] == dim:
                change = np.tril(signs(dim, dim))
                return matrix + size * np.abs(matrix).max() * (change + np.tril(change, -1).T)
            change = exact(np.eye(dim, dtype=int)) + size * signs(dim, dim)
            return change @ matrix @ change.T

        covariances = np.array([turn(matrix) for matrix in self.covariances[: 1 if self.shared else None]])
        return replace(
            self,
            weights=shake(self.weights),
            means=shake(self.means),
            covariances=np.broadcast_to(covariances, self.covariances.shape),
            t=shake(self.t),
        )

    @cached_property
    def _components(self):
        """Of each: precision and determinant of x_t, posterior covariance, its volume and dimension."""
        alpha, sigma = channel(self.process, self.t)
        identity = exact(np.eye(self.means.shape[1], dtype=int))
        found = []
        for c in self.covariances[: 1 if self.shared else None]:
            precision, determinant = _inverse(alpha**2 * c + sigma**2 * identity)
            posterior = c - alpha**2 * c @ precision @ c
            found.append((precision, determinant, posterior, *_volume(posterior)))
        return found * (len(self.means) if self.shared else 1)

    def at(self, x):
        """Return everything that the package tells at a point (D,), by the names of its methods."""
        alpha, _ = channel(self.process, self.t)
        precisions, determinants, covs, volumes, dims = zip(*self._components, strict=True)
        gaps = x - alpha * self.means
        squares = exact([g @ P @ g for g, P in zip(gaps, precisions, strict=True)])
        joint = (
            self.weights * _exp(-squares / 2) / (exact(determinants) * (2 * mp.pi) ** len(x)) ** mp.mpf(0.5)
        )
        p = joint.sum()
        w = joint / p

        scores = np.array([-P @ g for P, g in zip(precisions, gaps, strict=True)])
        score = w @ scores
        hessians = [np.outer(s, s) - P for s, P in zip(scores, precisions, strict=True)]
        jacobian = np.tensordot(w, np.array(hessians), axes=1) - np.outer(score, score)

        means = np.array(
            [m - alpha * C @ s for m, C, s in zip(self.means, self.covariances, scores, strict=True)]
        )
        mean = w @ means
        squares = [C + np.outer(m, m) for C, m in zip(covs, means, strict=True)]
        cov = np.tensordot(w, np.array(squares), axes=1) - np.outer(mean, mean)

        mixing = -w @ _log(w)
        sizes = zip(volumes, dims, strict=True)
        inner = exact([(n * mp.log(2 * mp.pi * mp.e) + mp.log(+v)) / 2 for v, n in sizes])
        return {
            "logpdf": mp.log(+p),
            "score": score,
            "jacobian": jacobian,
            "divergence": np.trace(jacobian),
            "weights": w,
            "posterior_mean": mean,
            "posterior_cov": cov,
            "posterior_variance": np.trace(cov),
            "class_entropy": mixing,
            "posterior_entropy": mixing + w @ inner,
        }


class Oracle:
    """What the definitions say of one law at one time, and how far its numbers determine it.

    Parameters
    ----------
    law : GaussianMixture
    process : Process
    t : float
    shakes : int
        How many random changes of its numbers tell the condition.
    """

    def __init__(self, law, process, t, shakes):
        with mp.workdps(DIGITS):
            self._seen = Seen.of(law, process, t)
            self._shaken = [self._seen.shaken(np.random.default_rng(seed), SHAKE) for seed in range(shakes)]

    def at(self, x):
        """Results at a point x, and by how much each moves, beside a relative change of all numbers given.

        The greatest change that some random signs cause, divided by their size. For each change of the law
        the point moves both ways, lest the two cancel.
        """
        with mp.workdps(DIGITS):
            x = exact(x)
            found, moved = self._seen.at(x), []
            for seed, shaken in enumerate(self._shaken):
                step = SHAKE * x * exact(np.random.default_rng([seed, 1]).choice([-1, 1], x.shape))
                moved += [shaken.at(x + step), shaken.at(x - step)]
            return found, {
                name: np.max([abs(other[name] - value) for other in moved], axis=0) / SHAKE
                for name, value in found.items()
            }
