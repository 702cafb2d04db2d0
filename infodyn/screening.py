r"""Which components matter near some points, told in single precision.

The log weights of all components are one product of matrices, which takes half the time in single
precision. With its error bounded no component within :math:`e^{-50}` of the greatest is lost; where
few are left, double precision looks at those alone.
"""

import numpy as np

from infodyn.estimates import blocks
from infodyn.kernels import SharedKernel

#: Log weights below this one, beside the greatest, count for nothing.
NOTHING = -50.0
#: Log weights, points times components, of which fewer are not worth screening.
FEW = 1 << 15
#: How many points a first look takes.
GLANCE = 16
#: A number that single precision can still multiply by a length.
GREAT = 1e30


def pays(kernel, x, rows):
    """Whether few components seem to matter at every so many of the points x (M, D), from a look at some."""
    if not isinstance(kernel, SharedKernel) or len(x) * len(kernel.y) < FEW:
        return False
    looked_at = x[:: 1 + max(32, len(x) // GLANCE)]
    few = near(kernel, looked_at)
    return few is not kernel and len(few.y) * min(len(x), rows) < len(kernel.y) * len(looked_at)


def near(kernel, x):
    """The components that matter at some of the points x (M, D); all of them where they are many.

    A sum of n products errs by at most :math:`(1+u)^n - 1` of the sum of their sizes, u = 2^-24 [1]_.

    References
    ----------
    .. [1] N. J. Higham, Accuracy and Stability of Numerical Algorithms, SIAM, 2002, Section 3.1.
    """
    cloud, alpha, slope = kernel.cloud, kernel.alpha, kernel.slope["score"]
    length = np.linalg.norm(x - alpha * kernel.centre, axis=1)
    reach = np.sqrt(2 * cloud.half_square)
    size = slope * (length * reach + alpha * cloud.half_square) + cloud.depth
    if not max(size.max(), slope * length.max(), slope * alpha, cloud.half_square) < GREAT:
        return kernel
    error = np.expm1((x.shape[1] + 8) * 2.0**-24) * size
    joint, kept = kernel.single.log_joint(x), np.zeros(len(kernel.y), bool)
    for b in blocks(len(x), kernel.columns):
        least = joint[b].max(axis=1) + (NOTHING - 2 * error[b]).astype(np.float32)
        kept |= (joint[b] >= least[:, None]).any(axis=0)
    members = np.flatnonzero(kept)
    return kernel.subset(members) if 2 * len(members) < len(kept) else kernel
