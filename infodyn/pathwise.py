r"""The posterior's entropy at a point, followed along paths, and how much it fluctuates.

:math:`H(x_0|x_t=x)` is a function of the point x; "pathwise" means evaluated along a path. Its mean
over p_t is the conditional entropy, its variance the mark of a decision. Both depend on time through
the noise level alone.
"""

import numpy as np
from scipy.linalg import eigh
from tqdm import tqdm

from infodyn import _validate
from infodyn.averages import at_times, common_draws
from infodyn.diffused import diffuse, need_law_and_process, need_process
from infodyn.distributions import GaussianMixture, Sphere, points
from infodyn.estimates import Estimate
from infodyn.processes import EDM
from infodyn.streams import StreamedPoints


def pathwise_entropy(data, process, paths, times):
    r"""Posterior entropy along paths (65).

    .. math:: H(x_0|x_t=x) = -\int p(x_0|x_t=x)\ln p(x_0|x_t=x)\,dx_0

    Parameters
    ----------
    data : DataLaw
    process : Process
    paths : array_like, shape (steps, n, D)
        Positions of n paths at each of the times.
    times : array_like, shape (steps,)
        Times > 0, in any order.

    Returns
    -------
    ndarray, shape (steps, n)
        Nats; Shannon entropy for point masses, differential entropy for continuous components.

    Raises
    ------
    ValueError, TypeError
        For shapes that do not fit, times that are not positive, and components that overlap in more
        than two directions.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> paths = [[[0.0], [2.0]], [[0.0], [1.0]]]
    >>> pathwise_entropy(points([[-1.0], [1.0]]), EDM(), paths, [2.0, 0.5]).round(4).tolist()
    [[0.6931, 0.5822], [0.6931, 0.003]]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eq. (65).
    """
    paths = _validate.real_array("paths", paths, "an array (steps, n, D)")
    times = _validate.times(times)
    if times.ndim != 1 or paths.ndim != 3 or len(paths) != len(times):
        raise ValueError(
            f"paths must have shape (steps, n, D) and times (steps,), got {paths.shape} and {times.shape}; "
            "pass one position a path and time"
        )
    steps = tqdm(times, desc="pathwise entropy", unit="time", delay=1.0, leave=False)
    found = [diffuse(data, process, t).posterior_entropy(x) for t, x in zip(steps, paths, strict=True)]
    return np.reshape(found, paths.shape[:2])


def entropy_variance(data, process, t, *, rng=None, samples=1 << 14):
    r"""Variance of the pathwise entropy (66).

    .. math:: \mathrm{Var}_{x_t\sim p_t}[H(x_0|x_t=x)] = E[H(x_0|x_t=x)^2] - H(x_0|x_t)^2

    The spread between the paths of any sampler whose marginals are p_t.

    Parameters
    ----------
    data : DataLaw
    process : Process
    t : array_like
        Times > 0.
    rng : numpy.random.Generator, optional
        For many reduced dimensions, where the average is sampled. A fixed seed by default.
    samples : int
        How many points to sample then.

    Returns
    -------
    Estimate
        Squared nats, of t's shape.

    Raises
    ------
    ValueError, TypeError
        For continuous components that overlap in more than two directions, whose posterior entropy
        has no quadrature; for times that are not positive and arguments of another kind.

    Notes
    -----
    For point masses and components on separate subspaces the posterior entropy is a closed form; where
    components share a subspace it is a quadrature a point, nested in the average: tenths of a second a
    time where they differ in one direction, a minute or more where they differ in two.

    Examples
    --------
    >>> from infodyn import EDM, points
    >>> V = entropy_variance(points([[-1.0], [1.0]]), EDM(), [0.2, 1.0, 10.0])
    >>> V.value.round(6).tolist()
    [0.0, 0.050857, 4.8e-05]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (66)-(68).
    """
    draw = common_draws(rng, samples)
    return at_times("posterior_entropy_variance", data, process, t, draw, "entropy variance")


def class_entropy_variance(data, process, t, *, rng=None, samples=1 << 14):
    r"""Variance of the class entropy, :math:`\mathrm{Var}_{x_t\sim p_t}[H(c|x_t=x)]` (72).

    The class c is the component of the mixture that x_0 was drawn from.
    Parameters and errors as for :func:`entropy_variance`; here every mixture is within reach.

    Returns
    -------
    Estimate
        Squared nats, of t's shape.

    Examples
    --------
    >>> from infodyn import VP, GaussianMixture
    >>> law = GaussianMixture([0.5, 0.5], [[-2.0], [2.0]], 0.25)
    >>> class_entropy_variance(law, VP(), [0.3, 0.8, 3.0]).value.round(6).tolist()
    [0.023072, 0.049927, 4.7e-05]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (72), (83), (96).
    """
    draw = common_draws(rng, samples)
    return at_times("class_entropy_variance", data, process, t, draw, "class entropy variance")


def effective_snr(amplitude, process, t, variance=0.0):
    r"""Signal-to-noise ratio of the class (71), (81), (90), (97).

    .. math:: \gamma(t) = \frac{D\,\alpha_t^2}{\sigma_t^2 + \alpha_t^2 s^2}

    Parameters
    ----------
    amplitude : array_like
        Squared amplitude D > 0 of the class means :math:`\sqrt D\,m_k`, in squared units of the data.
    process : Process
    t : array_like
        Times > 0.
    variance : array_like
        Variance :math:`s^2 \ge 0` within classes, the same in every direction.

    Returns
    -------
    ndarray
        Without unit, of the shape that the arguments broadcast to.

    Raises
    ------
    ValueError, TypeError
        For an amplitude or times that are not positive, and a negative variance.

    Examples
    --------
    >>> from infodyn import EDM, VP
    >>> float(effective_snr(16.0, EDM(), 2.0)), float(effective_snr(16.0, EDM(), 2.0, variance=4.0))
    (4.0, 2.0)

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (71), (81), (90), (97).
    """
    amplitude = _validate.real_array("amplitude", amplitude, "a squared length or an array of them")
    variance = _validate.real_array("variance", variance, "a variance or an array of them")
    if np.any(amplitude <= 0):
        raise ValueError(
            f"amplitude must be > 0, got {amplitude.min():g}; pass the squared length D of the class means"
        )
    if np.any(variance < 0):
        raise ValueError(f"variance must be >= 0, got {variance.min():g}; pass s squared")
    need_process(process)
    return amplitude / (process.noise_level(_validate.times(t)) ** 2 + variance)


def speciation_time(data, process):
    r"""Time at which the noise level reaches the data's greatest standard deviation (75), (98).

    .. math:: \Lambda\,\frac{\alpha_t^2}{\sigma_t^2} = 1

    with Λ the greatest eigenvalue of the data's covariance: there the leading mode drowns.

    Parameters
    ----------
    data : DataLaw
    process : Process

    Returns
    -------
    float
        A time. For VP (β = 2) it is :math:`\tfrac12\ln(1+\Lambda)`, the paper's :math:`\tfrac12\ln\Lambda`
        up to :math:`O(1/\Lambda)`; for EDM it is :math:`\sqrt\Lambda`.

    Raises
    ------
    ValueError, TypeError
        For data without spread, and arguments of another kind.

    Examples
    --------
    >>> from infodyn import EDM, VP, points
    >>> law = points([[-3.0], [3.0]])
    >>> [round(speciation_time(law, process), 6) for process in (EDM(), VP())]
    [3.0, 1.151293]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (75), (98);
    Biroli, Bonnaire, de Bortoli & Mezard, Nature Communications 15, 9957 (2024).
    """
    need_law_and_process(data, process)
    greatest = _greatest_variance(data)
    if greatest == 0:
        raise ValueError("data must have some spread, but all of it lies at one point; pass two or more")
    return float(process.time_of(np.sqrt(greatest)))


def variance_profile(gamma, prototypes, weights=None):
    r"""Variance of the entropy of softmax(l), the function :math:`\Phi(\gamma)` of (83).

    .. math:: l_k = \ln\pi_k + \gamma\,m_k\cdot m_c - \tfrac\gamma2\|m_k\|^2 + \sqrt\gamma\,m_k\cdot z,
              \quad c\sim\pi,\ z\sim N(0, I)

    Parameters
    ----------
    gamma : array_like
        Signal-to-noise ratios >= 0.
    prototypes : array_like, shape (K, d), or (K,) for prototypes on a line
        The class means in units of their amplitude. Doubling them divides every γ by four.
    weights : array_like, shape (K,), optional
        Probabilities π of the classes; 1/K by default.

    Returns
    -------
    Estimate
        Squared nats, of gamma's shape; 0 at γ = 0.

    Raises
    ------
    ValueError, TypeError
        For negative γ, and as for :func:`points`.

    See Also
    --------
    conditional_entropy : The mean M(γ) of the same entropy, of ``points(prototypes, weights)`` under EDM
        at :math:`t = \gamma^{-1/2}`.

    Examples
    --------
    >>> variance_profile([0.0, 1.0, 1.345478], [-1.0, 1.0]).value.round(9).tolist()
    [0.0, 0.050857317, 0.053628891]

    References
    ----------
    Stancevic & Ambrogioni, Entropy 28, 195 (2026), eqs. (72), (82), (83).
    """
    gamma = _validate.real_array("gamma", gamma, "a signal-to-noise ratio or an array of them")
    if np.any(gamma < 0):
        raise ValueError(f"gamma must be >= 0, got {gamma.min():g}; pass a signal-to-noise ratio")
    prototypes = _validate.real_array("prototypes", prototypes, "an array (K, d) or (K,)")
    law = points(prototypes[:, None] if prototypes.ndim == 1 else prototypes, weights)
    seen = gamma > 0
    value, error = np.zeros(gamma.shape), np.zeros(gamma.shape)
    if seen.any():
        value[seen], error[seen] = class_entropy_variance(law, EDM(), gamma[seen] ** -0.5)
    return Estimate(value[()], error[()])


def _greatest_variance(data):
    """Greatest eigenvalue of the covariance of x_0, from the smaller of the two Gram matrices."""
    if isinstance(data, Sphere):
        return data.radius**2 / data.dim
    if isinstance(data, StreamedPoints):
        return max(np.linalg.eigvalsh(data.covariance)[-1], 0.0)
    if not isinstance(data, GaussianMixture):
        raise TypeError(
            f"no greatest variance is known for data of type {type(data).__name__}; pass a sample, "
            "points(data.sample(n, rng))"
        )
    spread = np.sqrt(data.weights)[:, None] * (data.means - data.mean)
    if data.covariances.ndim <= 1:
        gram = spread.T @ spread if len(spread) > data.dim else spread @ spread.T
        within = np.sum(data.weights * data.spectra[0][:, 0])
    else:
        within_full = data.covariances
        if within_full.ndim == 3:
            within_full = np.tensordot(data.weights, within_full, axes=1)
        gram, within = spread.T @ spread + within_full, 0.0
    last = len(gram) - 1
    return max(eigh(gram, eigvals_only=True, subset_by_index=(last, last))[0], 0.0) + within
