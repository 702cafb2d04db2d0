r"""Posterior probabilities where few components matter, found in single precision.

The log weights of all components are one product of matrices, which takes half the time in single
precision. With its error bounded no component within :math:`e^{-50}` of the greatest is lost; where
few are left, double precision looks at those alone.
"""

import numpy as np
from scipy.sparse import csr_array

from infodyn.estimates import blocks
from infodyn.responsibility import FLOOR, Responsibility
from infodyn.sharedkernel import SharedKernel

#: Log weights below this one, beside the greatest, count for nothing.
NOTHING = -50.0
#: Share of components that matter above which to look at all of them is faster.
FEW = 0.01
#: Share among some components, most of them far from a point, above which it is not worth a try.
SOME = 0.1
#: Log weights, points times components, of which fewer are not worth screening.
SMALL = 1 << 15
#: How many points and components a glance takes.
GLANCE = 16, 1024
#: Share of all components by which those that have been looked at may seem more before it is given up.
PATIENCE = 0.25
#: A number that single precision can still multiply by a length.
GREAT = 1e30


def pays(kernel, x):
    """Whether few components seem to matter at points x (M, D), from a glance at some of both."""
    if not isinstance(kernel, SharedKernel) or len(x) * len(kernel.y) < SMALL:
        return False
    points = x[:: 1 + max(32, len(x) // GLANCE[0])]
    joint = kernel.subset(slice(None, None, 1 + len(kernel.y) // GLANCE[1])).log_joint(points)
    return np.mean(joint > joint.max(axis=1, keepdims=True) + NOTHING) < SOME


def respond(kernel, x):
    """Posterior probabilities at points x (M, D), with sparse odds; None where many components matter."""
    found = _candidates(kernel, x)
    if found is None:
        return None
    base, row, col = found
    q = kernel.log_odds(x, base, row, col)
    first = np.searchsorted(row, np.arange(len(x) + 1))
    q -= np.maximum.reduceat(q, first[:-1])[row]
    top = np.empty(len(x), int)
    top[row[q == 0]] = col[q == 0]
    odds = np.where(col == top[row], 0.0, np.exp(np.maximum(q, FLOOR["d"])))
    shape = len(x), len(kernel.y)
    return Responsibility(csr_array((odds, col, first), shape), top, np.add.reduceat(odds, first[:-1]))


def _candidates(kernel, x):
    """The seemingly greatest component at each point, (M,), and where (rows, columns) others may matter.

    None where they are many. In single precision a sum of n products errs by at most
    :math:`(1+2^{-24})^n - 1` of the sum of their sizes (Higham).

    References
    ----------
    Higham, Accuracy and Stability of Numerical Algorithms, SIAM (2002), Section 3.1.
    """
    cloud, alpha, slope = kernel.cloud, kernel.alpha, kernel.slope["score"]
    length = np.linalg.norm(x - alpha * kernel.centre, axis=1)
    reach = np.sqrt(2 * cloud.half_square)
    size = slope * (length * reach + alpha * cloud.half_square) + cloud.depth
    if not max(size.max(), slope * length.max(), slope * alpha, cloud.half_square) < GREAT:
        return None
    margin = (NOTHING - 2 * np.expm1((x.shape[1] + 8) * 2.0**-24) * size).astype(np.float32)
    single, number = kernel.single, len(kernel.y)
    base, greatest = np.zeros(len(x), int), np.full(len(x), np.finfo(np.float32).min)
    row, col, log = np.empty(0, int), np.empty(0, int), np.empty(0, np.float32)
    for tile in blocks(number, len(x)):  # stays in cache
        joint = single.subset(tile).log_joint(x)
        best = np.argmax(joint, axis=1)
        value = np.take_along_axis(joint, best[:, None], axis=1)[:, 0]
        base = np.where(value > greatest, tile.start + best, base)
        greatest = np.maximum(greatest, value)
        least = greatest + margin
        more, at = divmod(np.flatnonzero(joint >= least[:, None]), len(joint.T))
        row, col, log = np.append(row, more), np.append(col, tile.start + at), np.append(log, joint[more, at])
        still = log >= least[row]
        row, col, log = row[still], col[still], log[still]
        if len(row) > FEW * len(x) * min(tile.stop + PATIENCE * number, number):
            return None
    order = np.argsort(row, kind="stable")
    return base, row[order], col[order]
