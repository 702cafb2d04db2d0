r"""The mean-field magnet of Curie and Weiss, :math:`\mu = \tanh((\mu + h)/T)`."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from infodyn import _validate


class Magnetisations(NamedTuple):
    """The magnetisations of a mean-field magnet.

    Attributes
    ----------
    magnetisation : ndarray, shape (n,)
        Every solution, ascending, in (-1, 1); n is 1, 3, or 2 at the spinodal.
    stable : ndarray of bool, shape (n,)
        Whether it is a minimum of the free energy.
    """

    magnetisation: np.ndarray
    stable: np.ndarray


def curie_weiss(temperature, field=0.0):
    r"""Every magnetisation of the Curie-Weiss magnet, with its stability.

    .. math:: \mu = \tanh\frac{\mu + h}{T}

    For two points with :math:`\delta = \|y_1 - y_2\|/2` and weights :math:`\pi_1, \pi_2` this is
    the fixed-point equation (44), at :math:`T = t^2/\delta^2` and :math:`h = \tfrac T2\ln(\pi_1/\pi_2)`.

    Parameters
    ----------
    temperature : float
        T > 0, without unit; the transition at h = 0 is at T = 1.
    field : float
        External field h, without unit.

    Returns
    -------
    Magnetisations
        Where T < 1 and :math:`|h|` is below :func:`spinodal_field` there are three, of which the middle
        one is unstable. A solution is stable where :math:`1 - \mu^2 < T`.

    Raises
    ------
    ValueError, TypeError
        For a temperature that is not positive, or a field that is not one number.

    Examples
    --------
    >>> found = curie_weiss(0.5)
    >>> found.magnetisation.round(6).tolist(), found.stable.tolist()
    ([-0.957504, 0.0, 0.957504], [True, False, True])
    >>> len(curie_weiss(0.5, field=0.3).magnetisation)
    1

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eq. (44).
    """
    temperature = _validate.positive("temperature", temperature)
    field = _validate.real_array("field", field, "a number")
    if field.ndim:
        raise ValueError(f"field must be one number, got shape {field.shape}; call curie_weiss for each")
    field = float(field)

    # With mu = tanh u, T u - tanh u = h: monotone between the turning points at cosh² u = 1/T.
    def excess(u):
        return temperature * u - np.tanh(u) - field

    end = 2 * (1 + abs(field)) / temperature
    turn = np.arccosh(max(temperature**-0.5, 1.0))
    corners = np.array(sorted({-end, turn, -turn, end}))
    heights = excess(corners)
    heights[np.abs(heights) <= 4 * np.finfo(float).eps] = 0.0
    roots = list(corners[heights == 0])
    for k in range(len(corners) - 1):
        if heights[k] * heights[k + 1] < 0:
            roots.append(brentq(excess, corners[k], corners[k + 1], xtol=1e-15))
    u = np.sort(roots)
    decay = np.exp(-2 * np.abs(u))
    susceptible = 4 * decay / (1 + decay) ** 2  # 1 - tanh² u
    # At a turning point itself the free energy is flat.
    return Magnetisations(np.tanh(u), susceptible < temperature * (1 - 1e-12))


def spinodal_field(temperature):
    r"""Greatest field at which a magnet can still point against it.

    .. math:: h_s(T) = \sqrt{1-T} - T\,\mathrm{artanh}\sqrt{1-T}

    Parameters
    ----------
    temperature : array_like
        Temperatures T > 0.

    Returns
    -------
    ndarray
        Of the same shape; 0 for T >= 1, where there is one magnetisation in any field.

    Examples
    --------
    >>> spinodal_field([0.5, 1.0]).round(6).tolist()
    [0.26642, 0.0]
    """
    temperature = _validate.real_array("temperature", temperature, "a temperature or an array of them")
    if np.any(temperature <= 0):
        raise ValueError(f"temperature must be > 0, got {temperature.min():g}; pass t²/δ² at a time t > 0")
    turn = np.sqrt(np.maximum(1 - temperature, 0))
    return turn - temperature * np.log((1 + turn) / np.sqrt(temperature)) * (turn > 0)
