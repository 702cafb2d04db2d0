import numpy as np
import pytest
from scipy.integrate import solve_ivp

from infodyn import EDM, VE, VP

PROCESSES = {
    "EDM": EDM(),
    "VP": VP(),
    "VP slow": VP(beta=0.3),
    "VP linear": VP(beta=lambda t: 0.1 + 19.9 * t),
    "VE Brownian": VE(),
    "VE geometric": VE(lambda t: 0.02 * 5000.0**t),
}
process = pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())
TIMES = np.array([0.05, 0.3, 0.9])


@process
def test_the_sde_has_the_kernel_as_its_solution(process):
    """Moments of dx = f dt + g dW from t = 0.05 on, by an ODE solver, equal alpha and sigma."""
    start = TIMES[0]

    def moments(t, y):
        rate = process.drift(np.ones(1), t)[0]
        return [rate * y[0], 2 * rate * y[1] + process.diffusion(t) ** 2]

    first = [process.alpha(start), process.sigma(start) ** 2]
    path = solve_ivp(moments, (start, TIMES[-1]), first, t_eval=TIMES, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(path.y[0], process.alpha(TIMES), rtol=1e-8)
    np.testing.assert_allclose(path.y[1], process.sigma(TIMES) ** 2, rtol=1e-8)


@process
def test_clock_snr_and_noise_level_agree(process):
    step = 1e-5
    log_noise = np.log(process.noise_level(TIMES * np.exp([[step], [-step]])))
    np.testing.assert_allclose(
        (log_noise[0] - log_noise[1]) / (2 * step * TIMES), process.clock(TIMES), rtol=1e-7
    )
    np.testing.assert_allclose(
        process.snr(TIMES), (process.alpha(TIMES) / process.sigma(TIMES)) ** 2, rtol=1e-12
    )
    np.testing.assert_allclose(process.noise_level(TIMES) ** -2, process.snr(TIMES), rtol=1e-12)


@process
def test_time_of_inverts_noise_level(process):
    np.testing.assert_allclose(process.time_of(process.noise_level(TIMES)), TIMES, rtol=1e-10)
    assert process.time_of(0.5).shape == ()


def test_closed_forms():
    t = np.array([1e-8, 1e-3, 1.0, 20.0])
    np.testing.assert_allclose(VP().alpha(t), np.exp(-t), rtol=1e-15)
    np.testing.assert_allclose(VP().sigma(t) ** 2, -np.expm1(-2 * t), rtol=1e-15)
    np.testing.assert_allclose(VP().diffusion(t), np.sqrt(2))
    np.testing.assert_allclose(VP(lambda t: 2 + 0 * t).sigma(t), VP().sigma(t), rtol=1e-13)
    np.testing.assert_allclose(EDM().diffusion(t) ** 2, 2 * t)
    np.testing.assert_allclose(VE().diffusion(t), 1.0, rtol=1e-9)
    np.testing.assert_allclose(VE(lambda t: t).diffusion(t), EDM().diffusion(t), rtol=1e-9)
    np.testing.assert_allclose(VP().time_of(1e-9), 5e-19, rtol=1e-12)


def test_a_rate_with_a_narrow_peak_is_integrated_to_many_digits():
    """beta = w / (w² + (t - 1/2)²) has the integral arctan((t - 1/2)/w) + arctan(1/(2 w))."""
    width, t = 1e-2, np.array([0.3, 0.6, 1.0])
    process = VP(lambda t: width / (width**2 + (t - 0.5) ** 2))
    integral = np.arctan((t - 0.5) / width) + np.arctan(0.5 / width)
    np.testing.assert_allclose(process.alpha(t), np.exp(-integral / 2), rtol=1e-12)


@pytest.mark.parametrize("base", [1.1, 5000.0])
def test_a_clock_is_off_by_no_more_than_it_says(base):
    """That of the schedule b^t is ln b; a slope in ln t of 1e-4 is known to ten digits of 1 alone."""
    t = np.geomspace(1e-3, 1, 500)
    process = VE(lambda t: 0.01 * base**t)
    assert np.all(abs(process.clock(t) - np.log(base)) <= process.clock_error(t))
    assert np.all(process.clock_error(t) < 2e-9)
    assert not np.any(EDM().clock_error(t) + VP().clock_error(t))


def test_noise_may_stand_still_and_a_rate_may_begin_at_zero():
    still = VE(lambda t: 2)
    assert 0 <= still.clock(1.0) <= 1e-12
    assert still.clock(1.0) <= still.clock_error(1.0)
    assert still.sigma(1.0).dtype == float
    assert VP(lambda t: 2 * t).diffusion(0.0) == 0
    np.testing.assert_allclose(VP(lambda t: 2 * t).alpha([0.0, 3.0]), np.exp([0.0, -4.5]), rtol=1e-13)


@pytest.mark.parametrize("level", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_times_of_a_schedule_that_leaves_the_range_of_numbers(level):
    np.testing.assert_allclose(VE(lambda t: t**400).time_of(level), level ** (1 / 400), rtol=1e-12)


def test_the_end_of_time_is_no_trouble():
    late = 1e8
    assert VP().alpha(late) == 0
    assert VP().sigma(late) == 1
    assert VP().snr(late) == 0
    assert EDM().snr(late) == 1e-16


def test_drift_takes_one_time_or_one_a_point():
    x = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(VP(4.0).drift(x, 0.7), -2 * x)
    linear = VP(lambda t: t)
    np.testing.assert_allclose(linear.drift(x, np.array([1.0, 2.0, 3.0])), -x * [[0.5], [1.0], [1.5]])
    assert not EDM().drift(x, 1.0).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: EDM().clock(0.0), "t must be > 0.*got 0"),
        (lambda: EDM().sigma(-1.0), "t must be >= 0, got -1"),
        (lambda: VP().alpha([1.0, np.nan]), r"t must be finite.*index \(1,\)"),
        (lambda: VP(-2.0), "beta must be one number > 0, got -2"),
        (lambda: VP(lambda t: -t).sigma(1.0), "beta.t. must be finite and > 0"),
        (
            lambda: VE(lambda t: 0 * t).sigma(2.0),
            r"sigma_of_t\(t\) must be finite and > 0.*sigma_of_t\(2\) = 0",
        ),
        (lambda: VE(lambda t: 0 * t).sigma(1.0), r"^sigma_of_t\(t\) must be finite"),
        (lambda: VE(lambda t: 1 / t).diffusion(1.0), "sigma_of_t must be smooth and must not fall"),
        (lambda: VE(lambda t: t / (1 + t)).time_of(2.0), "never reaches the level 2"),
        (lambda: VP().time_of(0.0), "noise_level must be > 0, got 0"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: EDM().sigma("soon"), "t must be a time"),
        (lambda: EDM().sigma(1j), "t must be a time"),
        (lambda: VE(3.0), "sigma_of_t must be a function"),
    ],
)
def test_bad_types_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()
