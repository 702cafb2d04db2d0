"""What averages over p_t are made of: charts, pairs of components, lattices, samples, and their errors."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from infodyn import EDM, VP, GaussianMixture, diffuse, points
from infodyn.charts import evaluate, overlap_bound
from infodyn.sampling import component_sampling
from tests.laws import every_kind


def charted(law, process=None, t=1.0):
    """The kernel and the chart of a law; at t = 1 under EDM lengths are in units of the noise."""
    low = diffuse(law, process or EDM(), t).reduced
    return low.kernel, low.chart


# Charts


@pytest.mark.parametrize("process", [EDM(), VP()], ids=["EDM", "VP"])
@pytest.mark.parametrize("law", every_kind().values(), ids=every_kind().keys())
def test_the_chart_s_mixture_is_the_law_of_x(law, process):
    """The density that the kernel computes at x(z) is that of the whitened mixture at z."""
    kernel, chart = charted(law, process, 0.6)
    z = np.random.default_rng(0).standard_normal((20, chart.rank))
    covariances = chart.covariances if chart.covariances is not None else [np.eye(chart.rank)] * 3
    expected = sum(
        w * multivariate_normal(m, c).pdf(z)
        for w, m, c in zip(chart.weights, chart.means, covariances, strict=True)
    )
    found, _, _ = evaluate(kernel, chart, lambda kernel, x, r: x[:, 0], z)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


# The bound by overlaps


@pytest.mark.parametrize("distance", [0.3, 2.0, 9.0])
def test_the_overlap_of_two_components_is_bhattacharyya_s(distance):
    _, chart = charted(points([[1.0], [1.0 + distance]], [0.2, 0.8]))
    exact = 2 * np.sqrt(0.2 * 0.8) * np.exp(-(distance**2) / 8)
    assert overlap_bound(chart, 3.0) == pytest.approx(3.0 * exact, rel=1e-9)


def test_overlaps_of_many_components_add_up():
    number, step = 1100, 0.5
    _, chart = charted(points(step * np.arange(number)[:, None]))
    apart = np.arange(1, number)
    exact = 2 / number * np.sum((number - apart) * np.exp(-((step * apart) ** 2) / 8))
    assert overlap_bound(chart, 1.0) == pytest.approx(exact, rel=1e-9)


def test_the_overlap_bounds_every_local_average_and_one_attains_it():
    law = points(np.random.default_rng(1).standard_normal((6, 4)) * 1.5, [0.3, 0.2, 0.2, 0.15, 0.1, 0.05])
    kernel, chart = charted(law)

    def roots(kernel, x, r):
        return np.sqrt(r.w).sum(axis=1) ** 2 - 1

    attained, _ = component_sampling(kernel, chart, roots, np.random.default_rng(0), 1 << 15)
    assert abs(overlap_bound(chart, 1.0) - attained.value) < 5 * attained.error
    assert attained.error < 0.01 * attained.value


def test_the_overlap_bound_knows_where_it_does_not_apply():
    _, own = charted(GaussianMixture([0.5, 0.5], [[0.0], [1.0]], [0.1, 0.2]))
    assert overlap_bound(own, 1.0) == np.inf
    _, many = charted(points(np.arange(5000.0)[:, None]))
    assert overlap_bound(many, 1.0) == np.inf


def test_the_overlap_of_distant_points_vanishes_in_spite_of_rounding():
    _, chart = charted(points(np.random.default_rng(0).standard_normal((10, 3))), t=1e-9)
    assert overlap_bound(chart, 1.0) == 0
