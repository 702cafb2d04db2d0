"""The mean-field magnet: every solution, on both sides of the spinodal."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infodyn import curie_weiss, spinodal_field

TEMPERATURES = [0.02, 0.3, 0.9, 0.9999]


@given(st.floats(0.02, 3), st.floats(-2, 2))
def test_solutions_solve(temperature, field):
    found = curie_weiss(temperature, field)
    # In the variable u = artanh(mu) rounding is not amplified near |mu| = 1.
    np.testing.assert_allclose(
        found.magnetisation, np.tanh((found.magnetisation + field) / temperature), atol=1e-12
    )
    assert len(found.magnetisation) in (1, 2, 3)
    assert np.all(np.diff(found.magnetisation) >= 0)
    mirrored = curie_weiss(temperature, -field)
    np.testing.assert_allclose(mirrored.magnetisation, -found.magnetisation[::-1], atol=1e-9)


@pytest.mark.parametrize("field", [-1e6, -0.5, 0.5, 1e6])
@pytest.mark.parametrize("temperature", [1e-20, 1e-3, 1e3])
def test_extreme_temperatures_and_fields(temperature, field):
    found = curie_weiss(temperature, field)
    along = found.magnetisation[-1 if field > 0 else 0]
    assert along == pytest.approx(np.tanh((along + field) / temperature), rel=1e-12)
    assert len(found.stable) == (3 if abs(field) < 1 and temperature < 1 else 1)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_the_spinodal_separates_one_solution_from_three(temperature):
    edge = spinodal_field(temperature).item()
    for sign in (-1, 1):
        inside, at, outside = (curie_weiss(temperature, sign * edge * f) for f in (1 - 1e-6, 1, 1 + 1e-6))
        assert inside.stable.tolist() == [True, False, True]
        assert outside.stable.tolist() == [True]
        assert at.stable.sum() == 1
        turning = -sign * np.sqrt(1 - temperature)
        assert np.min(np.abs(at.magnetisation - turning)) < 1e-5


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_the_spinodal_is_where_line_and_tanh_touch(temperature):
    with mpmath.workdps(40):
        t = mpmath.mpf(temperature)
        exact = mpmath.sqrt(1 - t) - t * mpmath.atanh(mpmath.sqrt(1 - t))
    assert spinodal_field(temperature) == pytest.approx(float(exact), abs=1e-15, rel=1e-13)


def test_without_a_field_the_exponent_is_a_half():
    for below in (1e-4, 1e-6):
        top = curie_weiss(1 - below).magnetisation[-1]
        assert top == pytest.approx(np.sqrt(3 * below), rel=2 * below)
    assert curie_weiss(1.0).magnetisation.tolist() == [0.0]
    assert not curie_weiss(1.0).stable[0]
    assert curie_weiss(1.5).stable.tolist() == [True]


def test_a_gap_that_closes_as_the_cube_root_of_the_field():
    gaps = []
    fields = np.array([1e-4, 1e-5, 1e-6])
    for field in fields:
        # h = (2/3) e³ to leading order: the temperature at which a fold happens in this field.
        low, high = 0.5, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if spinodal_field(middle) > field else (low, middle)
        found = curie_weiss(low * (1 - 1e-9), field).magnetisation
        gaps.append(found[-1] - found[0])
    np.testing.assert_allclose(gaps, 3 * np.cbrt(1.5 * fields), rtol=0.02)
    np.testing.assert_allclose(np.diff(np.log(gaps)) / np.diff(np.log(fields)), 1 / 3, rtol=0.01)


def test_the_spinodal_field_keeps_its_shape():
    assert spinodal_field(np.ones((2, 3))).shape == (2, 3)
    assert spinodal_field([1.0, 4.0]).tolist() == [0.0, 0.0]


def test_bad_input():
    with pytest.raises(ValueError, match="temperature must be one number > 0"):
        curie_weiss(0.0)
    with pytest.raises(ValueError, match="call curie_weiss for each"):
        curie_weiss(1.0, [0.0, 1.0])
    with pytest.raises(ValueError, match="temperature must be > 0, got 0"):
        spinodal_field([1.0, 0.0])
