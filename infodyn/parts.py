r"""What a part of the data says about the posterior, and how two parts are merged.

Part a holds the share :math:`\rho_a = Z_a/(Z_a+Z_b)` of the posterior. Then, by the laws of total
expectation, variance and entropy,

.. math::
    m = \rho_a m_a + \rho_b m_b, \qquad
    C = \rho_a C_a + \rho_b C_b + \rho_a\rho_b\,(m_a-m_b)(m_a-m_b)^T, \qquad
    h = \rho_a h_a + \rho_b h_b - \rho_a\ln\rho_a - \rho_b\ln\rho_b .

Merging is commutative, and associative to rounding.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from infodyn.estimates import blocks
from infodyn.sharedkernel import Cloud, SharedKernel


class Queries(NamedTuple):
    """What is asked, places measured from the origin.

    Attributes
    ----------
    x : ndarray, shape (M, D)
        Points, less α times the origin.
    alpha, sigma : float
        The channel.
    origin : ndarray, shape (D,)
    moments : tuple of str
        Which of "mean", "variance", "cov" and "entropy" of the posterior; the two in the middle need "mean".
    """

    x: np.ndarray
    alpha: float
    sigma: float
    origin: np.ndarray
    moments: tuple


class Part(NamedTuple):
    r"""The posterior restricted to a part of the data.

    Attributes
    ----------
    top : ndarray, shape (M, D)
        The most probable point.
    log_weight : ndarray, shape (M,)
        Logarithm of its weight before x was seen.
    rest : ndarray, shape (M,)
        Odds of the other points to it; their posterior mass is :math:`Z = 1 + \mathrm{rest}`, in its units.
    moments : dict
        What was asked of "mean" (M, D), "variance" (M,), "cov" (M, D, D), "entropy" (M,).
    """

    top: np.ndarray
    log_weight: np.ndarray
    rest: np.ndarray
    moments: dict


MOMENTS = {
    "mean": lambda kernel, x, r: kernel.mean(x, r, "denoiser"),
    "variance": lambda kernel, x, r: kernel.between(x, r, "denoiser"),
    "cov": lambda kernel, x, r: kernel.between_cov(x, r, "denoiser"),
    "entropy": lambda kernel, x, r: r.entropy(),
}


def part_of(rows, weights, queries):
    """The posterior restricted to some rows (B, D) of the data."""
    rows = rows - queries.origin
    log_weights = np.log(weights)
    cloud = Cloud.of(weights / weights.sum(), rows)
    kernel = SharedKernel(cloud, 0.0, queries.alpha, queries.sigma)

    def ask(x):
        r = kernel.respond(x)
        moments = [MOMENTS[name](kernel, x, r) for name in queries.moments]
        return rows[r.top], log_weights[r.top], r.rest, *moments

    tiles = blocks(len(queries.x), kernel.columns)
    top, log_weight, rest, *moments = map(
        np.concatenate, zip(*(ask(queries.x[b]) for b in tiles), strict=True)
    )
    return Part(top, log_weight, rest, dict(zip(queries.moments, moments, strict=True)))


def merge_parts(a, b, queries):
    """The posterior restricted to two parts, from those restricted to each."""
    # Of the tops: from their difference, so that no digit is lost where they are close or far from 0.
    beyond = queries.x - queries.alpha / 2 * (a.top + b.top)
    lead = b.log_weight - a.log_weight
    lead += queries.alpha / queries.sigma**2 * np.einsum("md,md->m", b.top - a.top, beyond)
    ahead = lead > 0
    more = lead + (np.log1p(b.rest) - np.log1p(a.rest))
    share_a, share_b = expit(-more), expit(more)
    rest = np.where(ahead, b.rest, a.rest) + np.exp(-abs(lead)) * (1 + np.where(ahead, a.rest, b.rest))

    moments = {name: _mixed(share_a, a.moments[name], share_b, b.moments[name]) for name in queries.moments}
    if "mean" in moments:
        gap = a.moments["mean"] - b.moments["mean"]
    if "variance" in moments:
        moments["variance"] += share_a * share_b * np.einsum("md,md->m", gap, gap)
    if "cov" in moments:
        moments["cov"] += (share_a * share_b)[:, None, None] * gap[:, :, None] * gap[:, None, :]
    if "entropy" in moments:
        moments["entropy"] += np.log1p(np.exp(-abs(more))) + abs(more) * expit(-abs(more))
    return Part(
        np.where(ahead[:, None], b.top, a.top), np.where(ahead, b.log_weight, a.log_weight), rest, moments
    )


def _mixed(share_a, a, share_b, b):
    shape = (-1,) + (1,) * (a.ndim - 1)
    return share_a.reshape(shape) * a + share_b.reshape(shape) * b
