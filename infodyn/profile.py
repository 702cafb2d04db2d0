r"""Entropy, its rate and its variance of one law, from one pass over the nodes."""

from typing import NamedTuple

import numpy as np

from infodyn import _validate
from infodyn.averages import common_draws
from infodyn.diffused import need_law_and_process
from infodyn.distributions import GaussianMixture
from infodyn.estimates import Estimate
from infodyn.expectations import RTOL
from infodyn.information import conditional_entropy, entropy_rate
from infodyn.pathwise import entropy_variance
from infodyn.shared import SharedChannel


class EntropyProfile(NamedTuple):
    r"""What the noise does to a law, time by time.

    Attributes
    ----------
    entropy : Estimate
        :math:`H(x_0|x_t)` (17), in nats.
    rate : Estimate
        :math:`\dot H` (19), in nats per unit of t.
    log_rate : Estimate
        :math:`\ln\dot H`, also where the rate underflows; its error is the relative error of the rate.
    variance : Estimate
        :math:`\mathrm{Var}[H(x_0|x_t=x)]` (66), in nats².
    """

    entropy: Estimate
    rate: Estimate
    log_rate: Estimate
    variance: Estimate


def entropy_profile(data, process, t, *, rtol=RTOL, rng=None, samples=1 << 14):
    r"""Conditional entropy (17), its rate (19) and the variance of the pathwise entropy (66) together.

    Parameters
    ----------
    data : DataLaw
    process : Process
    t : array_like
        Times > 0.
    rtol : float
        Relative accuracy, between 1e-13 and 0.1, to aim at for point masses and for mixtures of one scalar
        variance in up to two reduced dimensions; 1e-11 by default. In more dimensions it is reached where
        that is affordable. For other laws it is not used.
    rng : numpy.random.Generator, optional
        For many reduced dimensions, where averages are sampled. A fixed seed by default.
    samples : int
        How many points to sample then.

    Returns
    -------
    EntropyProfile
        Four Estimates of t's shape.

    Raises
    ------
    ValueError, TypeError
        As for :func:`conditional_entropy` and :func:`entropy_variance`, and for an rtol out of its range.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> profile = entropy_profile(points([[-1.0], [1.0]]), EDM(), [0.01, 1.0])
    >>> profile.rate.value.round(6).tolist(), profile.log_rate.value.round(6).tolist()
    ([0.0, 0.4496], [-4990.563992, -0.799398])

    Notes
    -----
    Trapezoid nodes are put along the walls between components, where their posterior weights tip, each wall
    with the few components that count there, and all times are summed in one pass. A set that is a Cartesian
    product, as the corners of a cube are, is taken apart first. The variance is a difference: its error may
    be some tens of times ``rtol``.

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (17), (19), (33), (66).
    """
    rtol = _validate.positive("rtol", rtol)
    if not 1e-13 <= rtol <= 0.1:
        raise ValueError(f"rtol must be between 1e-13 and 0.1, got {rtol:g}; double precision ends there")
    need_law_and_process(data, process)
    t = _validate.times(t)
    if (
        t.size
        and isinstance(data, GaussianMixture)
        and SharedChannel.knows("posterior_entropy_variance", data)
    ):
        return _together(data, process, t, rtol, common_draws(rng, samples))
    draws = {"rng": rng, "samples": samples}
    entropy = conditional_entropy(data, process, t, **draws)
    rate = entropy_rate(data, process, t, **draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rate = Estimate(np.log(rate.value), rate.error / rate.value)
    return EntropyProfile(entropy, rate, log_rate, entropy_variance(data, process, t, **draws))


def _together(data, process, t, rtol, draw):
    channel = SharedChannel(data, process.alpha(t).ravel(), process.sigma(t).ravel(), rtol)
    labels = channel.labels(draw, spreads=True)
    log_between, error = labels.log_spread  # where x_0 tells its component, only point masses are several
    clock, clock_error = process.clock(t).ravel(), process.clock_error(t).ravel()
    with np.errstate(divide="ignore"):
        log_variance = np.logaddexp(log_between, np.log(channel.within_variance()))
        log_clock, off = np.log(clock), clock_error / clock
    log_loss = log_variance - 2 * np.log(process.noise_level(t).ravel())  # per unit of ln(noise level)
    log_rate, loss = log_clock + log_loss, np.exp(log_loss)
    found = EntropyProfile(
        channel.posterior_entropy(labels, draw),
        Estimate(np.exp(log_rate), loss * (clock * error + clock_error)),
        Estimate(log_rate, error + off),
        labels.variance,
    )
    return EntropyProfile(*(Estimate(*(a.reshape(t.shape)[()] for a in part)) for part in found))
