"""Entropy, rate and variance from one pass, against the functions that give them one by one."""

import mpmath as mp
import numpy as np
import pytest

from infodyn import (
    EDM,
    VE,
    VP,
    GaussianMixture,
    Sphere,
    conditional_entropy,
    entropy_profile,
    entropy_rate,
    entropy_variance,
    points,
)
from infodyn.nodes import Nodes
from tests.laws import every_kind

TIMES = np.geomspace(0.1, 5, 6)
LAWS = {
    "two": points([[-1.0], [1.0]]),
    "plane": points(np.random.default_rng(0).standard_normal((5, 2)), [0.4, 0.3, 0.2, 0.09, 0.01]),
    "corners": points(np.stack(np.meshgrid(*[[-1.0, 1.0]] * 3), axis=-1).reshape(-1, 3)),
    "overlap": GaussianMixture([0.3, 0.7], [[-1.0], [1.0]], 0.3),
    "own": every_kind()["full"],
    "sphere": Sphere(3),
}


def test_where_the_noise_stands_still_the_rate_is_nought_but_for_the_clocks_error():
    law, still = points([[0.0], [1.0]]), VE(lambda t: 1 + 0 * t)
    found = entropy_profile(law, still, [0.3, 1.0])
    alone = entropy_rate(law, still, [0.3, 1.0])
    assert not found.rate.value.any()
    assert not alone.value.any()
    np.testing.assert_allclose(found.rate.error, alone.error, rtol=1e-9)
    assert np.all(alone.error > 0)
    np.testing.assert_array_equal(found.log_rate, [[-np.inf] * 2, [np.inf] * 2])


@pytest.mark.parametrize("process", [EDM(), VP(), VE()], ids=["EDM", "VP", "VE"])
@pytest.mark.parametrize("name", ["two", "plane", "corners", "overlap", "sphere"])
def test_it_is_what_the_functions_give_one_by_one(name, process):
    law, t = LAWS[name], process.time_of(TIMES)
    found = entropy_profile(law, process, t)
    for part, function in (
        (found.entropy, conditional_entropy),
        (found.rate, entropy_rate),
        (found.variance, entropy_variance),
    ):
        one = function(law, process, t)
        assert part.value.shape == part.error.shape == t.shape
        np.testing.assert_allclose(part.value, one.value, rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(np.exp(found.log_rate.value), found.rate.value, rtol=1e-11)


@pytest.mark.parametrize("t", ["1e-3", "0.01", "0.05"])
def test_the_logarithm_of_the_rate_where_the_rate_underflows(t):
    """Two points: the mmse is exp(-k²/2) E sech(k z), k = 1/t, z normal; by mpmath."""
    with mp.workdps(30):
        k = 1 / mp.mpf(t)
        average = mp.quad(lambda z: mp.npdf(z) * mp.sech(k * z), mp.linspace(-40 / k, 40 / k, 9))
        expected = -(k**2) / 2 + mp.log(average) + 3 * mp.log(k)
    found = entropy_profile(LAWS["two"], EDM(), float(t)).log_rate
    assert abs(found.value - float(expected)) < max(1e-10, 4e-16 * abs(float(expected)))
    assert found.error < 1e-10


@pytest.mark.parametrize("rtol", [1e-3, 1e-6, 1e-9])
def test_the_accuracy_that_is_asked_for_is_reached_and_stated(rtol):
    t = np.geomspace(0.06, 6, 24)
    for law in (LAWS["two"], LAWS["plane"]):
        exact, found = entropy_profile(law, EDM(), t), entropy_profile(law, EDM(), t, rtol=rtol)
        for name in ("entropy", "rate"):
            truth, part = getattr(exact, name).value, getattr(found, name)
            assert np.all(np.abs(part.value - truth) <= part.error)
            assert np.all(part.error <= 2 * rtol * truth)
        assert np.all(np.abs(found.variance.value - exact.variance.value) <= found.variance.error)
        assert np.all(np.abs(found.variance.value - exact.variance.value) <= rtol * exact.variance.value)
        assert np.all(np.abs(found.log_rate.value - exact.log_rate.value) <= found.log_rate.error)


@pytest.fixture
def nodes_of(monkeypatch):
    """How many nodes a call looks at."""
    counts, of = [], Nodes.of.__func__

    def counted(cls, patches, runs, place):
        counts[-1] += place.shape[1]
        return of(cls, patches, runs, place)

    def count(call):
        counts.append(0)
        call()
        return counts[-1]

    monkeypatch.setattr(Nodes, "of", classmethod(counted))
    return count


def test_less_accuracy_takes_fewer_nodes(nodes_of):
    counts = [
        nodes_of(lambda rtol=rtol: entropy_profile(LAWS["plane"], EDM(), TIMES, rtol=rtol))
        for rtol in (1e-10, 1e-6, 1e-3)
    ]
    assert counts[0] > 1.5 * counts[1] > 2 * counts[2] > 0


def test_the_variance_takes_no_nodes_of_its_own_but_where_it_would_lose_digits(nodes_of):
    """Two points, far out in noise: h lacks x²/(2t⁴) of ln 2, and the variance is 1/(2t⁴) (1 + O(t⁻²))."""
    for t in (0.3, 1.0, 10.0):
        entropy = nodes_of(lambda t=t: conditional_entropy(LAWS["two"], EDM(), t))
        assert nodes_of(lambda t=t: entropy_variance(LAWS["two"], EDM(), t)) == entropy > 0
    for t in (1e3, 1e4):
        variance = entropy_variance(LAWS["two"], EDM(), t)
        assert variance.value == pytest.approx(1 / (2 * t**4), rel=4 / t**2)
        assert variance.error < 1e-10 * variance.value


def test_shapes_one_point_and_no_times():
    found = entropy_profile(LAWS["two"], EDM(), np.ones((2, 3)))
    assert {part.value.shape for part in found} == {(2, 3)}
    assert {np.ndim(part.value) for part in entropy_profile(LAWS["two"], EDM(), 1.0)} == {0}
    assert entropy_profile(LAWS["two"], EDM(), []).rate.value.shape == (0,)
    one = entropy_profile(points([[2.0, 1.0]]), EDM(), 0.5)
    assert one.entropy.value == one.rate.value == one.variance.value == 0
    assert one.log_rate.value == -np.inf


@pytest.mark.parametrize("rtol", [0, -1e-6, 1e-20, 0.5, "fine", [1e-6, 1e-3]])
def test_an_accuracy_out_of_reach_is_refused(rtol):
    with pytest.raises((ValueError, TypeError), match="rtol must be"):
        entropy_profile(LAWS["two"], EDM(), 1.0, rtol=rtol)


def test_what_is_no_law_is_refused():
    with pytest.raises(TypeError, match="wrap an array of points"):
        entropy_profile(np.ones((3, 2)), EDM(), 1.0)
