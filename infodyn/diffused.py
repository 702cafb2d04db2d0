"""The data law seen through the channel at one time."""

from infodyn import _validate
from infodyn.distributions import DataLaw, GaussianMixture, Sphere, points
from infodyn.mixture import DiffusedMixture
from infodyn.posterior import Diffused
from infodyn.processes import Process
from infodyn.sphere import DiffusedSphere
from infodyn.streamed import DiffusedStream
from infodyn.streams import StreamedPoints

__all__ = ["Diffused", "at_noise", "diffuse"]


def diffuse(data, process, t):
    r"""Send a data law through a process up to time t.

    Parameters
    ----------
    data : DataLaw
        A :class:`GaussianMixture`, :func:`points` or a :class:`Sphere`.
    process : Process
        :class:`EDM`, :class:`VE` or :class:`VP`.
    t : float
        A time > 0.

    Returns
    -------
    Diffused
        With log density, score, Jacobian, posterior and sampling, all in closed form.

    Raises
    ------
    ValueError, TypeError
        For a time that is not one positive number, or arguments of another kind.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> law = diffuse(points([[-1.0], [1.0]]), EDM(), 0.5)
    >>> law.posterior_mean([0.25]).round(6).tolist()
    [0.761594]
    """
    need_law_and_process(data, process)
    t = _validate.times(t)
    if t.ndim:
        raise ValueError(f"t must be one time, got an array of shape {t.shape}; call diffuse for each")
    return at_noise(data, process.alpha(t), process.sigma(t))


def need_law_and_process(data, process):
    """Raise unless data is a law and process a process."""
    if not isinstance(data, DataLaw):
        raise TypeError(
            f"data must be a data law, got {type(data).__name__}; wrap an array of points as points(array)"
        )
    need_process(process)


def need_process(process):
    """Raise unless it is a process."""
    if not isinstance(process, Process):
        raise TypeError(f"process must be EDM(), VE(...) or VP(...), got {process!r}; call the class")


def at_noise(data, alpha, sigma):
    """The diffused law at a given attenuation and noise."""
    if isinstance(data, Sphere):
        if data.dim > 1:
            return DiffusedSphere(data, alpha, sigma)
        data = points([[-data.radius], [data.radius]])
    if isinstance(data, GaussianMixture):
        return DiffusedMixture(data, alpha, sigma)
    if isinstance(data, StreamedPoints):
        return DiffusedStream(data, alpha, sigma)
    raise TypeError(f"no closed form is known for data of type {type(data).__name__}")
