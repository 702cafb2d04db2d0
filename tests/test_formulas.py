"""Formulas are set by the build: right, or not at all."""

import re

import formulas
import pytest
from docutils import nodes


def test_a_formula_is_said_and_drawn():
    html = formulas.formula(r"\sigma_t", False)
    assert "<msub><mi>σ</mi><mi>t</mi></msub>" in html  # for those who listen
    assert "mjx-c1D70E" in html  # for those who see
    assert 'display="true"' in formulas.formula(r"\sigma_t", True)


@pytest.mark.parametrize(
    ("tex", "says"),
    [(r"\frac{a", "Missing close brace"), (r"\undefined x", r"Undefined control sequence \\undefined")],
)
def test_what_is_no_tex_is_refused(tex, says):
    with pytest.raises(ValueError, match=says):
        formulas.formula(tex, True)
    assert "<mi>a</mi>" in formulas.formula("a", True)  # and the next one is set


def test_an_equation_bears_its_number_over_several_lines_too():
    tex = r"\begin{aligned} a &= b \\ &= c \end{aligned} \tag{19}"
    html = formulas.formula(formulas.displayed(nodes.math_block(tex, tex)), True)
    assert "<mtext>(19)</mtext>" in html


def test_lines_break_in_a_display():
    tex = r"a &= b \\ &= c"
    assert formulas.displayed(nodes.math_block(tex, tex)) == rf"\begin{{split}}{tex}\end{{split}}"
    assert formulas.displayed(nodes.math_block("a", "a")) == "a"
    amsmath = r"\begin{align} a &= b \\ c &= d \end{align}"
    assert formulas.displayed(nodes.math_block(amsmath, amsmath, nowrap=True)) == amsmath


def test_every_font_of_the_sheet_is_there():
    fonts = set(re.findall(r'url\("fonts/([^"]+)"\)', formulas.typesetter().sheet))
    assert len(fonts) > 10
    assert fonts <= {path.name for path in formulas.FONTS.iterdir()}
