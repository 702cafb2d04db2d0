r"""Forward processes: three clocks on one Gaussian channel.

Every process is :math:`x_t = \alpha_t x_0 + \sigma_t z` with :math:`z \sim N(0, I)`, the solution of
:math:`dx = (\dot\alpha/\alpha)\, x\, dt + g\, dW`. What it does to the data depends on the noise level
:math:`\nu = \sigma/\alpha` alone; the process says when each noise level is passed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.differentiate import derivative
from scipy.integrate import tanhsinh
from scipy.optimize import elementwise

from infodyn import _validate

#: Slope of ln(noise level) in ln(time) that a numerical derivative cannot tell from 0.
STILL = 1e-12
#: Relative error of a numerical derivative.
SLOPE_RTOL = 1e-10


class Process(ABC):
    r"""A Gaussian channel in time, :math:`x_t = \alpha_t x_0 + \sigma_t z`.

    Times are scalars or arrays; every method returns an array of the same shape.
    """

    @abstractmethod
    def alpha(self, t):
        r"""Attenuation of the signal :math:`\alpha_t`, without unit."""

    @abstractmethod
    def sigma(self, t):
        r"""Standard deviation of the noise :math:`\sigma_t`, in units of the data."""

    @abstractmethod
    def clock(self, t):
        r"""How fast the logarithm of the noise level runs, :math:`d\ln(\sigma/\alpha)/dt`, per unit of t."""

    def clock_error(self, t):
        """How far the clock may be off beyond rounding, per unit of t."""
        return np.zeros_like(_validate.times(t))

    @abstractmethod
    def _damping(self, t):
        r"""Minus the logarithmic derivative of the signal, :math:`-\dot\alpha/\alpha \ge 0`."""

    @abstractmethod
    def noise_level(self, t):
        r"""Noise level :math:`\nu = \sigma_t/\alpha_t`, in units of the data (infinite once α underflows)."""

    @abstractmethod
    def time_of(self, noise_level):
        r"""Time at which the noise level :math:`\sigma_t/\alpha_t` reaches ``noise_level``."""

    def snr(self, t):
        r"""Signal-to-noise ratio :math:`\alpha_t^2/\sigma_t^2`, in inverse squared units of the data."""
        with np.errstate(divide="ignore"):
            return self.noise_level(t) ** -2.0

    def drift(self, x, t):
        r"""Drift :math:`f(x, t) = (\dot\alpha/\alpha)\, x` of (5); x is (..., D), t a scalar or (...)."""
        damping = self._damping(_validate.times(t, zero=True))
        return -np.asarray(damping)[..., None] * _validate.real_array("x", x, "an array (..., D)")

    def diffusion(self, t):
        r"""Noise amplitude :math:`g(t) = \sigma\sqrt{2\, d\ln(\sigma/\alpha)/dt}` of (5)."""
        return self.sigma(t) * np.sqrt(2 * self.clock(t))


@dataclass(frozen=True)
class EDM(Process):
    r"""Noise level as time: :math:`\alpha = 1,\ \sigma = t,\ f = 0,\ g = \sqrt{2t}`.

    Karras et al. (2022); the convention of the paper's Sections 4 to 6.

    Examples
    --------
    >>> float(EDM().diffusion(2.0))
    2.0
    """

    def alpha(self, t):
        return np.ones_like(_validate.times(t, zero=True))

    def sigma(self, t):
        return _validate.times(t, zero=True)

    def clock(self, t):
        return 1 / _validate.times(t)

    def _damping(self, t):
        return np.zeros_like(t)

    def noise_level(self, t):
        return self.sigma(t)

    def time_of(self, noise_level):
        return _noise_levels(noise_level)

    def diffusion(self, t):
        return np.sqrt(2 * _validate.times(t, zero=True))


@dataclass(frozen=True)
class VE(Process):
    r"""Variance exploding (9): :math:`\alpha = 1,\ \sigma = \sigma(t),\ f = 0,\ g = \sqrt{d\sigma^2/dt}`.

    Parameters
    ----------
    sigma_of_t : callable
        The schedule: takes an array of times > 0, returns positive noise levels that do not fall.
        The default :math:`\sqrt t` is plain Brownian motion, g = 1.

    Notes
    -----
    The derivative of the schedule is taken numerically in :math:`\ln t`, to about ten digits, which
    errors of rates contain; the inverse is found by root bracketing, to rounding.

    Examples
    --------
    >>> VE(lambda t: t**2).diffusion(3.0).round(6).item() == round(108**0.5, 6)
    True
    """

    sigma_of_t: Callable = np.sqrt

    def __post_init__(self):
        _need_callable("VE", "sigma_of_t", self.sigma_of_t)

    def alpha(self, t):
        return np.ones_like(_validate.times(t, zero=True))

    def sigma(self, t):
        t = _validate.times(t, zero=True)
        return _schedule("sigma_of_t", self.sigma_of_t, t)

    def clock(self, t):
        t = _validate.times(t)
        result = derivative(
            lambda log_t: np.log(self.sigma(np.exp(log_t))), np.log(t), tolerances={"atol": STILL}
        )
        rising = result.success & (result.df >= -STILL)
        if not np.all(rising):
            raise ValueError(
                "sigma_of_t must be smooth and must not fall, but near "
                f"t = {t[~rising].flat[0]:g} its derivative is negative or does not settle; "
                "pass a smooth increasing function"
            )
        return np.maximum(result.df, 0) / t

    def clock_error(self, t):
        return SLOPE_RTOL * self.clock(t) + STILL / _validate.times(t)

    def _damping(self, t):
        return np.zeros_like(t)

    def noise_level(self, t):
        return self.sigma(t)

    def time_of(self, noise_level):
        return _invert(self.sigma_of_t, _noise_levels(noise_level))


@dataclass(frozen=True)
class VP(Process):
    r"""Variance preserving (8): :math:`f = -\tfrac12\beta x,\ g = \sqrt\beta`.

    :math:`\alpha = e^{-B/2},\ \sigma^2 = 1 - e^{-B},\ B(t) = \int_0^t \beta`. With the default
    β = 2 it is the Ornstein-Uhlenbeck process :math:`dx = -x\,dt + \sqrt2\,dW`, :math:`\alpha = e^{-t}`.

    Parameters
    ----------
    beta : float or callable
        The rate β > 0, per unit of t: a constant, or a function of an array of times >= 0.
        The integral of a function is taken numerically (tanh-sinh), to about fourteen digits.

    Examples
    --------
    >>> VP().alpha(1.0).round(6).item()
    0.367879
    >>> VP(beta=lambda t: 0.1 + 19.9 * t).alpha(1.0).round(6).item()
    0.006572
    """

    beta: float | Callable = 2.0

    def __post_init__(self):
        if not callable(self.beta):
            _validate.positive("beta", self.beta)

    def _rate(self, t):
        return _schedule("beta", self.beta, t) if callable(self.beta) else np.full_like(t, self.beta)

    def _integral(self, t):
        t = _validate.times(t, zero=True)
        if not callable(self.beta):
            return self.beta * t
        return np.asarray(tanhsinh(self._rate, np.zeros_like(t), t, rtol=1e-14).integral)

    def alpha(self, t):
        return np.exp(-self._integral(t) / 2)

    def sigma(self, t):
        return np.sqrt(-np.expm1(-self._integral(t)))

    def clock(self, t):
        t = _validate.times(t)
        return self._rate(t) / (2 * self.sigma(t) ** 2)

    def _damping(self, t):
        return self._rate(t) / 2

    def noise_level(self, t):
        with np.errstate(over="ignore"):
            return np.sqrt(np.expm1(self._integral(t)))

    def time_of(self, noise_level):
        integral = np.log1p(_noise_levels(noise_level) ** 2)
        if not callable(self.beta):
            return integral / self.beta
        return _invert(self._integral, integral)

    def diffusion(self, t):
        return np.sqrt(self._rate(_validate.times(t, zero=True)))


def _noise_levels(noise_level):
    levels = _validate.real_array("noise_level", noise_level, "a noise level or an array of them")
    if np.any(levels <= 0):
        raise ValueError(f"noise_level must be > 0, got {levels.min():g}; pass sigma/alpha at a time > 0")
    return levels


def _need_callable(owner, name, value):
    if not callable(value):
        raise TypeError(f"{owner}: {name} must be a function of time, got {value!r}; pass a callable")


def _schedule(name, function, t):
    """Values of a user's schedule at times t, checked."""
    values = np.array(np.broadcast_to(np.asarray(function(t), float), np.shape(t)))
    wrong = ~(np.isfinite(values) & ((values > 0) | (t == 0)))
    if np.any(wrong):
        raise ValueError(
            f"{name}(t) must be finite and > 0 for t > 0, but {name}({t[wrong].flat[0]:g}) = "
            f"{values[wrong].flat[0]:g}; restrict the times or mend the schedule"
        )
    return values


def _invert(schedule, target):
    """Solve schedule(t) = target for t in logarithms, where the bracket may run into overflow."""

    def excess(log_t, log_target):
        with np.errstate(over="ignore"):
            values = np.broadcast_to(schedule(np.exp(log_t)), log_t.shape)
        return np.log(np.clip(values, np.exp(-700), np.exp(700))) - log_target

    log_target = np.log(target)
    start = np.ones_like(log_target)
    bracket = elementwise.bracket_root(excess, -start, start, args=(log_target,), maxiter=8)
    if not np.all(bracket.success):
        missed = target[~bracket.success].flat[0]
        raise ValueError(f"the schedule never reaches the level {missed:g}; pass one that it passes through")
    return np.exp(elementwise.find_root(excess, bracket.bracket, args=(log_target,)).x)
