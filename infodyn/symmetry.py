"""Pairs of points that a symmetry of their set takes into one another."""

import numpy as np

#: Agreement of weights and of squared distances, beside the greatest, that counts as equality.
ROUNDING = 1e-11


def pair_classes(log_weights, squares):
    """Which pair is the first of those that look alike from everywhere else in the set.

    Two pairs are alike if the other points can be numbered such that all weights and all distances agree:
    then an isometry takes one into the other. Numberings are tried by weight and by distances to the pair,
    and verified; pairs whose numbering is left open by ties may count as different.

    Parameters
    ----------
    log_weights : ndarray, shape (K,)
    squares : ndarray, shape (K, K)
        Squared distances.

    Returns
    -------
    ndarray, shape (K (K - 1) / 2,)
        For every pair i < j, in the order of ``numpy.triu_indices``, the number of the first alike.
    """
    logs = np.round(log_weights, 9)
    gaps = np.round(squares / squares.max(), 9)
    first, second = np.triu_indices(len(logs), 1)
    known, classes = {}, np.arange(len(first))
    for n, (i, j) in enumerate(zip(first, second, strict=True)):
        numberings = [_numbering(logs, gaps, *ends) for ends in ((i, j), (j, i))]
        for order in numberings:
            signature = (logs[order].tobytes(), gaps[order[:2]][:, order].tobytes())
            for m, other in known.get(signature, ()):
                if _alike(log_weights, squares, order, other):
                    classes[n] = m
                    break
            if classes[n] != n:
                break
        else:
            order = numberings[0]
            signature = (logs[order].tobytes(), gaps[order[:2]][:, order].tobytes())
            known.setdefault(signature, []).append((n, order))
    return classes


def _numbering(logs, gaps, i, j):
    """The pair, and then the others by weight and by distances to the pair."""
    others = np.delete(np.arange(len(logs)), [i, j])
    keys = gaps[j, others], gaps[i, others], logs[others]
    return np.concatenate([[i, j], others[np.lexsort(keys)]])


def _alike(log_weights, squares, order, other):
    """Whether two numberings have the same weights and distances."""
    weights = np.abs(log_weights[order] - log_weights[other]).max() <= ROUNDING
    gaps = squares[np.ix_(order, order)] - squares[np.ix_(other, other)]
    return weights and np.abs(gaps).max() <= ROUNDING * squares.max()
