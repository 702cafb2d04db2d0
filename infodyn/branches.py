"""Branches of fixed points, and where they lose their stability."""

import numpy as np
from scipy.optimize import brentq
from scipy.spatial.distance import pdist

from infodyn import _validate
from infodyn.diffused import at_noise, diffuse
from infodyn.distributions import GaussianMixture, Sphere, points
from infodyn.mergetree import climb
from infodyn.zeros import score_and_jacobian

#: Steps along a branch, in units of ln(noise level) and of the spread of the means; part of the finest length
#: of the data down to which noise levels are looked at; step in ln(noise level) of the numerical derivative.
LEAST_STEP, GREATEST_STEP, LOWEST, DERIVATIVE = 1e-6, 0.1, 1e-2, 1e-5
#: Cosine of the greatest angle between the tangents at two neighbouring points of a branch.
STRAIGHT = 0.98
#: Step across a loss of stability, which two branches that come closer than that are told apart by.
FINE = 1e-4


class _Branch:
    """The curve of points z = (x / unit, ln noise level) at which a law's score vanishes."""

    def __init__(self, law, unit):
        self.law, self.unit = law, unit

    def field(self, z):
        """Score times noise variance over ``unit``, and its derivative in z at a zero."""
        x, noise = z[None, :-1] * self.unit, np.exp(z[-1])
        s, jacobian = score_and_jacobian(self._kernel(noise), x)
        up, down = (
            score_and_jacobian(self._kernel(noise * np.exp(h)), x)[0][0] for h in (DERIVATIVE, -DERIVATIVE)
        )
        drift = (up - down) / (2 * DERIVATIVE)
        derivative = np.column_stack([jacobian[0] * self.unit, drift])
        return noise**2 / self.unit * s[0], noise**2 / self.unit * derivative

    def slope(self, z):
        """Greatest eigenvalue of the score's Jacobian."""
        jacobian = score_and_jacobian(self._kernel(np.exp(z[-1])), z[None, :-1] * self.unit)[1]
        return np.linalg.eigvalsh(jacobian)[0, -1]

    def _kernel(self, noise):
        return at_noise(self.law, 1.0, noise).kernel

    def tangent(self, z, forward):
        """Unit tangent of the branch, turned so that it agrees with ``forward``."""
        derivative = self.field(z)[1]
        direction = np.linalg.svd(derivative)[2][-1]
        return direction * np.sign(direction @ forward)

    def nearest(self, z, tangent, distance):
        """:meth:`point`, or its first guess where the branch and another one cannot be told apart."""
        found = self.point(z, tangent, distance)
        return z + distance * tangent if found is None else found

    def zero(self, z, tangent, step):
        """ln(noise level) at which the slope vanishes, less than a step from z."""
        distance = brentq(lambda d: self.slope(self.nearest(z, tangent, d)), 0, step)
        return self.nearest(z, tangent, distance)[-1]

    def point(self, z, tangent, distance):
        """The point of the branch at a distance from z along the tangent; None if it is not found."""
        target = tangent @ z + distance
        z = z + distance * tangent
        for _ in range(12):
            value, derivative = self.field(z)
            residual = np.append(value, tangent @ z - target)
            # At a pitchfork the system is singular: what is already a zero is left where it is.
            if np.abs(residual).max() <= 1e-14 * (1 + np.abs(z).max()):
                return z
            step = np.linalg.lstsq(np.vstack([derivative, tangent]), residual, rcond=1e-12)[0]
            z = z - step
            if np.linalg.norm(step) < 1e-11 * (1 + np.abs(z).max()):
                return z
        return None


def critical_time(data, process, start=None, t=None, *, upwards=False):
    r"""Time at which a fixed point of the score loses its stability, on the way from noise to data (45).

    The branch of fixed points is followed towards smaller noise, until an eigenvalue of the Jacobian of the
    score (40) vanishes: at a pitchfork, where the branch goes on as a saddle, as well as at a fold, where two
    fixed points meet and end. Upwards, the fixed points that belong to data points end in this way.

    .. math:: \lambda_{\max}\big(\mathrm{Cov}[x_0|x^*]\big)\,\alpha^2 = \sigma^2 \quad\text{(point masses)}

    Parameters
    ----------
    data : DataLaw
    process : Process
    start : array_like, shape (D,), optional
        Where to look for a fixed point at time t: the density is climbed from there. By default the
        only fixed point at large noise, near the data's mean.
    t : float, optional
        The time that belongs to ``start``.
    upwards : bool
        Follow the fixed point from ``start`` towards larger t instead.

    Returns
    -------
    float or None
        The first such time, or None when the fixed point stays stable: down to a hundredth of the least
        distance of two means, or up to where it is the only one.

    Raises
    ------
    ValueError, TypeError
        When only one of ``start`` and ``t`` is given, or they do not fit.

    Examples
    --------
    >>> from infodyn import EDM, VP, Sphere, points
    >>> two = points([[-1.0], [1.0]])
    >>> round(critical_time(two, EDM()), 9)
    1.0
    >>> round(float(VP().alpha(critical_time(two, VP()))) ** 2, 9)
    0.5
    >>> round(critical_time(Sphere(4), EDM()), 9)
    0.5

    The mode of the lighter of two points is born in a fold.

    >>> round(critical_time(points([[-1.0], [1.0]], [0.3, 0.7]), EDM(), [-1.0], 0.2, upwards=True), 9)
    0.736759821

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (45), (46).
    """
    if (start is None) != (t is None):
        raise ValueError("start and t belong together: pass place and time of a fixed point, or neither")
    if upwards and start is None:
        raise ValueError("upwards needs a start: at large noise there is one fixed point; pass start and t")
    diffuse(data, process, 1.0 if t is None else t)
    if isinstance(data, Sphere) and data.dim > 1:
        if start is not None:
            raise ValueError("on a sphere only the fixed point at the centre has a critical time; omit start")
        return float(process.time_of(data.radius / np.sqrt(data.dim)))
    if isinstance(data, Sphere):
        data = points([[-data.radius], [data.radius]])
    if not isinstance(data, GaussianMixture):
        raise TypeError(
            f"critical_time needs points in memory, a mixture or a sphere, got {type(data).__name__}; "
            "pass points(data.sample(n, rng))"
        )

    law = data.on_span or data
    spread = np.linalg.norm(law.means - law.mean, axis=1).max()
    widths = np.sqrt(data.spectra[0])
    gaps = np.append(pdist(law.means), widths)
    if not np.any(gaps > 0) or len(law.weights) == 1:
        return None
    branch = _Branch(law, max(spread, widths.max()))
    if start is None:
        noise, x = 2 * np.hypot(spread, widths.max()), law.mean
    else:
        noise = float(process.noise_level(_validate.times(t)))
        if not np.isfinite(noise):
            raise ValueError(f"the signal must be there at t, but alpha({t:g}) = 0; pass an earlier time")
        x = _on_span(data, _validate.queries(start, data.dim) / process.alpha(t))
    x = climb(at_noise(law, 1.0, noise).kernel, x[None])[0]
    ends = np.log(LOWEST * gaps[gaps > 0].min()), np.log(3 * np.hypot(spread, widths.max()))
    found = _loss(branch, np.append(x / branch.unit, np.log(noise)), 1 if upwards else -1, ends)
    return None if found is None else float(process.time_of(np.exp(found)))


def _on_span(data, x):
    """Coordinates of x on the span that ``data.on_span`` uses, by least squares from those of the means."""
    if data.on_span is None:
        return x
    return np.linalg.lstsq(data.on_span.means, data.means - data.mean)[0] @ (x - data.mean)


def _loss(branch, z, sign, ends):
    """ln(noise level) at which the slope along a branch first passes through zero; None if it does not."""
    tangent, step = branch.tangent(z, sign * np.eye(len(z))[-1]), GREATEST_STEP
    while ends[0] < z[-1] < ends[1]:
        following = branch.point(z, tangent, step)
        turned = None if following is None else branch.tangent(following, tangent)
        if following is None or turned @ tangent < STRAIGHT:  # too far: it may be another branch
            step /= 2
            if step < LEAST_STEP:
                raise RuntimeError(f"the branch was lost at the noise level {np.exp(z[-1]):g}")
            continue
        if branch.slope(following) >= 0:
            if step > FINE:  # near a pitchfork that is not quite symmetric the branch bends sharply
                step /= 2
                continue
            return branch.zero(z, tangent, step)
        tangent, z, step = turned, following, min(1.5 * step, GREATEST_STEP)
    return None
