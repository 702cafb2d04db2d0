r"""Patches along the walls between two components, where a local integrand lives.

On the wall of i and j both count, and their lesser, :math:`\min(\pi_iN_i, \pi_jN_j)`, bounds what a local
integrand has there. A third component counts on it as far as the least of all three does; where none does
the integral is one-dimensional, in however many directions the components lie.
"""

import numpy as np

from infodyn.estimates import blocks
from infodyn.patches import Mixture, Patches, affine, lesser_peak, spare, steps

#: Components up to which walls, and symmetries among them, are looked for.
MOST_COMPONENTS, MOST_SYMMETRIC = 4096, 64


def along_walls(mixture: Mixture, digits, most):
    """Patches along all walls that count.

    Parameters
    ----------
    mixture : Mixture
    digits : float
        Relative accuracy to lay steps out for, as a number of nats.
    most : ndarray, shape (T,)
        How many walls are too many to look at, at each scale.

    Returns
    -------
    list of Patches
        In groups of as many components.
    few : ndarray, shape (T,)
        Where there are no more walls than that; at the other scales none are laid.
    """
    if len(mixture.y) > MOST_COMPONENTS:
        return [], np.zeros(len(mixture.kappa), bool)
    (time, i, j, least), few = _lit_pairs(mixture, spare(digits), most)
    (time, i, j, least), number = _unlike(mixture, time, i, j, least)
    third = _thirds(mixture, time, i, j, least)
    sizes = third.sum(axis=1)
    return [
        _walls(mixture, time[g], number[g], i[g], j[g], third[g], least[g], digits)
        for g in (np.flatnonzero(sizes == size) for size in np.unique(sizes))
    ], few


def _unlike(mixture, time, i, j, least):
    """One of all pairs that a symmetry takes into one another, at each scale, and how many these are."""
    components = len(mixture.y)
    if not 3 <= components <= MOST_SYMMETRIC:
        return (time, i, j, least), np.ones(len(time))
    pair = i * (2 * components - i - 1) // 2 + j - i - 1
    classes = time * len(mixture.points.pair_classes) + mixture.points.pair_classes[pair]
    _, first, number = np.unique(classes, return_index=True, return_counts=True)
    return (time[first], i[first], j[first], least[first]), number


def _lit_pairs(mixture, nats, most):
    r"""Pairs that count beside the greatest of all: their scale, both components, and what counts at all.

    Where a third component k is present the share of i and j is at most
    :math:`\pi_iN_i\,\pi_jN_j/(\pi_kN_k)`, a Gaussian whose logarithm peaks at
    :math:`(z_k-z_i)\cdot(z_k-z_j) + \ln(\pi_i\pi_j/\pi_k)`.
    """
    logs, squares = mixture.log_weights, mixture.squares
    i, j = np.nonzero(~np.tri(len(logs), dtype=bool))
    apart = np.sqrt(squares[i, j])
    found, few = [], np.ones(len(mixture.kappa), bool)
    for b in blocks(len(mixture.kappa), len(i)):
        peaks = lesser_peak(logs[i], logs[j], mixture.kappa[b, None] * apart)[1]
        near = peaks > peaks.max(axis=1, keepdims=True) - nats
        few[b] = near.sum(axis=1) <= most[b]
        time, pair = np.nonzero(near & few[b, None])
        lit = peaks[time, pair]
        for c in blocks(len(lit), len(logs)) if len(logs) > 2 else ():
            one, other = i[pair[c]], j[pair[c]]
            angles = (squares[one] + squares[other] - squares[one, other][:, None]) / 2
            odds = (logs[one] + logs[other])[:, None] - logs
            scale = mixture.kappa[b][time[c], None]
            lit[c] = np.minimum(lit[c], (scale**2 * angles + odds).min(axis=1))
        least = np.full(len(peaks), -np.inf)
        np.maximum.at(least, time, lit - nats)
        kept = lit > least[time]
        time, pair = time[kept], pair[kept]
        found.append((time + b.start, i[pair], j[pair], least[time]))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True)), few


def _thirds(mixture, time, i, j, least):
    r"""Which components count on each wall beside its own two, (P, K).

    The least of three components is at most a mean of their logarithms, for any shares λ of sum 1, and
    that peaks at :math:`\sum_a\lambda_a\ln\pi_a - \tfrac12\sum_{a<b}\lambda_a\lambda_b\|z_a-z_b\|^2`.
    """
    logs, squares = mixture.log_weights, mixture.squares
    result = np.zeros((len(i), len(logs)), bool)
    for b in blocks(len(i), 8 * len(logs)) if len(logs) > 2 else ():
        one, other, square = i[b], j[b], mixture.kappa[time[b], None] ** 2
        ij, ik, jk = squares[one, other][:, None], squares[one], squares[other]
        shares = np.stack([jk * (ij + ik - jk), ik * (ij + jk - ik), ij * (ik + jk - ij)])
        shares = np.maximum(shares, 1e-300)
        shares /= shares.sum(axis=0)
        bound = shares[0] * logs[one, None] + shares[1] * logs[other, None] + shares[2] * logs
        of_i, of_j, of_k = shares
        bound -= square / 2 * (of_i * of_j * ij + of_i * of_k * ik + of_j * of_k * jk)
        for end, gaps in ((one, ik), (other, jk)):
            bound = np.minimum(bound, lesser_peak(logs[end, None], logs, np.sqrt(square * gaps))[1])
        bound[np.arange(len(one)), one] = bound[np.arange(len(one)), other] = -np.inf
        result[b] = bound > least[b, None]
    return result


def _walls(mixture, time, alike, i, j, third, least, digits):
    """Patches on walls with equally many components: the pair itself comes first among the members."""
    kappa, number, rank = mixture.kappa[time], len(time), mixture.y.shape[1]
    others = np.nonzero(third)[1].reshape(number, -1)
    members = np.column_stack([i, j, others])
    logs = mixture.log_weights
    gap = kappa[:, None] * (mixture.y[j] - mixture.y[i])
    d = np.linalg.norm(gap, axis=1)
    shift, peak = lesser_peak(logs[i], logs[j], d)
    along = np.where(d[:, None] > 0, gap / np.maximum(d, 1e-300)[:, None], np.eye(rank)[0])
    centre = kappa[:, None] * (mixture.y[i] + mixture.y[j]) / 2 + shift[:, None] * along
    offsets = kappa[:, None, None] * mixture.y[members] - centre[:, None]
    inside = np.abs(shift) < d / 2
    inner = np.where(inside[:, None], np.stack([d / 2 - shift, d / 2 + shift], axis=1), 0)
    axes = _frames(along, offsets)
    rest = logs[members] - peak[:, None]
    offsets = np.einsum("pmr,pdr->pmd", offsets, axes)
    return Patches(
        kind="pair",
        time=time,
        number=alike,
        members=members,
        forms=affine(rest, offsets),
        peak=peak,
        step=steps(np.ptp(offsets, axis=1), digits, local=True),
        margin=peak - least,
        flat=np.zeros(axes.shape[:2]),
        inner=inner,
        centre=centre,
        axes=axes,
    )


def _frames(along, offsets):
    """Orthonormal axes of the span of the members, the first along the pair, (P, d, r)."""
    (_, size, rank), axes = offsets.shape, along[:, None]
    if size == 2 or rank == 1:
        return axes
    mirror = along.copy()
    mirror[:, 0] += np.where(along[:, 0] > 0, 1, -1)
    mirror /= np.linalg.norm(mirror, axis=1)[:, None]
    across = (np.eye(rank) - 2 * mirror[:, :, None] * mirror[:, None])[:, 1:]
    if rank > 2:
        right = np.linalg.svd(offsets @ across.swapaxes(1, 2), full_matrices=False)[2]
        across = right[:, : min(rank, size - 1) - 1] @ across
    return np.concatenate([axes, across], axis=1)
