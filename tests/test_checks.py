import numpy as np
import pytest

from infodyn import Estimate, check, checks


def test_agreement_is_recorded_and_printed(capsys):
    before = len(checks.records)
    check(19, [1.0, 2.0], [1.0, 2.0 + 1e-10], rtol=1e-9, note="two routes")
    (record,) = checks.records[before:]
    assert record.discrepancy == pytest.approx(1e-10, rel=1e-5)
    assert record.relative == pytest.approx(0.5e-10, rel=1e-5)
    assert capsys.readouterr().out == "(19) two routes: 2 values agree to rtol 1e-09\n"


def test_disagreement_names_both_values_and_the_difference():
    before = len(checks.records)
    with pytest.raises(
        checks.Disagreement, match=r"\(33\).*index \(1,\).*left 2\.5, right 2\.0, difference 0\.5"
    ):
        check(33, np.array([1.0, 2.5]), np.array([1.0, 2.0]))
    assert len(checks.records) == before


@pytest.mark.parametrize(
    ("rtol", "atol", "passes"), [(0, 0.011, True), (0, 0.009, False), (0.0011, 0, True), (0.0009, 0, False)]
)
def test_tolerances_mean_what_they_say(rtol, atol, passes):
    if passes:
        check("x", 10.01, 10.0, rtol=rtol, atol=atol)
    else:
        with pytest.raises(checks.Disagreement):
            check("x", 10.01, 10.0, rtol=rtol, atol=atol)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_never_agrees(bad):
    with pytest.raises(checks.Disagreement):
        check("x", bad, bad)


def test_an_estimate_stands_for_its_value(capsys):
    check("x", Estimate(np.float64(0.5), np.float64(0.1)), 0.5)
    assert "0.5 = 0.5" in capsys.readouterr().out


def test_no_digit_is_printed_that_the_tolerance_leaves_open(capsys):
    check("x", 0.123456789, 0.1234, rtol=1e-2)
    assert capsys.readouterr().out == "(x) the two values agree to rtol 1e-02\n"


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        check("x", [1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match="no numbers"):
        check("x", [], [])
    with pytest.raises(ValueError, match="tolerances must be >= 0"):
        check("x", 1.0, 1.0, rtol=-1)


def test_a_report_carries_the_records_in_its_metadata():
    check("carried", 1.0, 1.0)
    text, metadata = checks.report()._repr_mimebundle_()
    assert text == {"text/plain": f"{len(checks.records)} checks on this page, every one passed"}
    assert metadata["infodyn"][-1] == checks.records[-1]._asdict()
