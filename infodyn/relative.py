"""Terms of relative entropies that keep their digits where two laws are nearly one."""

import numpy as np
from scipy.special import xlog1py


def kullback_terms(excess):
    r""":math:`\varphi(e) = (1+e)\ln(1+e) - e` for e >= -1, without cancellation where e is small.

    :math:`\mathrm{KL}(w\|\pi) = \sum_k \pi_k\,\varphi(w_k/\pi_k - 1)`, a sum of terms >= 0.
    """
    e = np.clip(excess, -0.01, 0.01)
    series = sum((-e) ** n / (n * (n - 1)) for n in range(2, 10))
    return np.where(e == excess, series, xlog1py(1 + excess, excess) - excess)
