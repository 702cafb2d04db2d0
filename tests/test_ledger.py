"""The ledger shows what ran, and a build in which rows, checks and targets do not fit complains."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import ledger
import nbformat
import pytest
from bs4 import BeautifulSoup
from ledger import Ledger, Ran
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent


def ran(label="1", page="one", note="", discrepancy=0.0, relative=0.0, rtol=0.0, atol=0.0):
    return Ran(page, label, note, discrepancy, relative, rtol, atol)


@pytest.fixture
def two_equations(monkeypatch):
    """Return a ledger of two equations and a claim, the checks and the targets that it needs."""
    monkeypatch.setattr(ledger, "EQUATIONS", range(1, 3))
    equations = [
        {"number": 1, "says": "one", "status": "holds"},
        {"number": 2, "says": "two", "status": "corrected", "but": "three", "why": "cor-two"},
    ]
    claims = [{"section": "2", "says": "it is so", "status": "holds", "page": "one", "check": "so"}]
    return Ledger(equations, claims), [ran("1"), ran("2"), ran("so")], {"eq-1", "eq-2", "cor-two"}


def test_nothing_is_said_when_all_fits(two_equations):
    assert ledger.problems(*two_equations) == []


@pytest.mark.parametrize("number", [1, 2])
def test_an_equation_needs_a_row_a_check_and_a_target(two_equations, number):
    rows, checks, targets = two_equations
    fewer = rows._replace(equations=[row for row in rows.equations if row["number"] != number])
    assert ledger.problems(fewer, checks, targets) == [
        f"equation ({number}) has no row in ledger.toml: add one"
    ]
    unchecked = [check for check in checks if check.label != str(number)]
    assert ledger.problems(rows, unchecked, targets) == [
        f"equation ({number}) has no check: write check({number}, ...) where it is derived"
    ]
    assert ledger.problems(rows, checks, targets - {f"eq-{number}"}) == [
        f"equation ({number}) has no target: write (eq-{number})= before it"
    ]


def test_rows_are_the_papers_each_once(two_equations):
    rows, *rest = two_equations
    double = rows._replace(equations=[*rows.equations, rows.equations[0]])
    assert ledger.problems(double, *rest) == ["equation (1) has 2 rows: keep one"]
    strange = rows._replace(equations=[*rows.equations, {**rows.equations[0], "number": 3}])
    assert ledger.problems(strange, *rest) == ["there is no equation (3)"]


def test_a_claim_needs_its_check_on_its_page(two_equations):
    rows, checks, targets = two_equations
    for other in (ran("so", page="two"), ran("not so")):
        (said,) = ledger.problems(rows, [*checks[:2], other], targets)
        assert "'it is so' rests on the check 'so' of one, which did not run" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "true"}, "the status of (2) is 'true': it must be one of definition, holds, holds if"),
        ({"status": "holds if", "but": None}, "say in `but` what holds"),
        ({"but": None}, "say in `but` what holds"),
        ({"why": None}, "(2) is corrected: name the correction in `why`"),
        ({"why": "cor-gone"}, "the target cor-gone of the row (2) is nowhere in the book"),
    ],
)
def test_a_status_is_explained(two_equations, changed, said):
    rows, *rest = two_equations
    row = {key: value for key, value in {**rows.equations[1], **changed}.items() if value is not None}
    (found,) = ledger.problems(rows._replace(equations=[rows.equations[0], row]), *rest)
    assert said in found


def test_other_checks_are_those_that_no_row_asks_for(two_equations):
    rows, checks, _ = two_equations
    others = [ran("exercise"), ran("so", page="two")]
    assert ledger.other_checks(rows, [*checks, *others]) == others


@pytest.mark.parametrize(
    ("number", "text"),
    [(3.2e-13, "3·10⁻¹³"), (1e-16, "10⁻¹⁶"), (0.0123, "0.012"), (2.31, "2.3"), (4e5, "4·10⁵")],
)
def test_numbers_have_one_digit(number, text):
    assert ledger.decimal(number) == text


def test_the_greatest_discrepancy_of_each_kind_is_shown():
    relative = [ran(discrepancy=5.0, relative=r) for r in (2e-12, 3e-12)]
    absolute = [ran(discrepancy=d, relative=9.0, atol=1e-6) for d in (4e-8, 2e-8)]
    sampled = [ran(note="paths, in standard errors", discrepancy=1.5, atol=4)]
    assert ledger.closeness(relative + absolute + sampled) == (
        "3·10⁻¹² relative; 4·10⁻⁸ of 10⁻⁶ allowed; 1.5 standard errors"
    )
    assert ledger.closeness([*absolute, ran(discrepancy=0.1, relative=9.0, atol=3)]) == "0.1 of 3 allowed"
    assert ledger.closeness([ran(), ran(atol=1.0)]) == "no difference"


@pytest.mark.parametrize(
    ("discrepancy", "relative", "said"),
    [
        (2e-7, 2e-9, "2·10⁻⁹ relative"),
        (2e-15, 2e-7, "2·10⁻¹⁵ of 10⁻¹⁴ allowed"),
        (2e-14, 2e-8, "2·10⁻¹⁴ absolute"),
    ],
)
def test_of_two_tolerances_the_one_that_was_kept_is_named(discrepancy, relative, said):
    both = ran(discrepancy=discrepancy, relative=relative, rtol=1e-8, atol=1e-14)
    assert ledger.closeness([both]) == said


def test_notes_are_shown_once_without_times():
    assert ledger.compared([ran(note="VP: moments"), ran(note="EDM: moments"), ran()]) == (
        r"moments \(VP, EDM\)"
    )
    notes = ["coin, t = 0.3", "coin, t = 1", "D = 64", "paths, in standard errors"]
    assert ledger.compared([ran(note=note) for note in notes]) == r"coin; D = 64; paths"
    assert ledger.compared([ran(note=note) for note in "abcd"]) == "a; b; c; d"
    assert ledger.compared([ran(note=note) for note in "abcde"]) == "a; b; c; and 2 more"


def test_a_note_is_shown_as_it_stands():
    assert ledger.plain("H(x*|s_j) = $2^b$") == r"H\(x\*\|s\_j\) = \$2\^b\$"


def test_home_comes_first(two_equations):
    rows = two_equations[0]
    checks = [ran("2", page="a", note="away"), ran("2", page="b", note="home"), ran("1", note="other")]
    table = ledger.equation_rows(rows, checks, {"eq-2": "b"}, 2, 2)
    assert table[1:] == [
        (
            "{ref}`(2) <eq-2>`",
            "two",
            "home; away",
            "2: no difference",
            "**corrected**: three ({ref}`why <cor-two>`)",
        )
    ]


def test_what_is_read_is_what_was_reported():
    record = {"equation": "1", "note": "n", "size": 1, "discrepancy": 0.0, "relative": 0.0}
    reporting = new_output("display_data", {"text/plain": "1 check"}, metadata={"infodyn": [record]})
    plain = new_output("stream", text="(1) n: 1 = 1")
    cells = [new_markdown_cell("text"), new_code_cell(outputs=[plain]), new_code_cell(outputs=[reporting])]
    assert ledger.reported(new_notebook(cells=cells)) == [record]


# The book's own rows.


def book_rows():
    return tomllib.loads((ROOT / "book" / "ledger.toml").read_text(encoding="utf-8"))


def test_every_equation_has_one_row_and_there_are_claims_enough():
    assert [row["number"] for row in book_rows()["equation"]] == list(range(1, 101))
    assert len(book_rows()["claim"]) >= 40


def test_rows_have_no_unknown_keys():
    words = {"says", "status", "but", "why"}
    assert all(set(row) <= words | {"number"} for row in book_rows()["equation"])
    assert all(set(row) <= words | {"section", "page", "check"} for row in book_rows()["claim"])


def test_every_correction_is_in_the_ledger():
    text = (ROOT / "book" / "corrections.ipynb").read_text(encoding="utf-8")
    targets = set(re.findall(r"\((cor-[\w-]+)\)=", text))
    rows = book_rows()["equation"] + book_rows()["claim"]
    assert targets == {row["why"] for row in rows if "why" in row}
    assert targets == set(re.findall(r'\\"(cor-[\w-]+)\\"', text))


def printed(page):
    """Return the lines that the checks of a page print."""
    cells = nbformat.read(ROOT / "book" / f"{page}.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs).splitlines()


def test_every_claim_and_every_equation_was_checked_where_it_should_be():
    pages = {path.stem: printed(path.stem) for path in (ROOT / "book").glob("*.ipynb")}
    unsettled = [
        claim["says"]
        for claim in book_rows()["claim"]
        if not any(line.startswith(f"({claim['check']}) ") for line in pages[claim["page"]])
    ]
    assert unsettled == []
    lines = [line for page in pages.values() for line in page]
    unchecked = [n for n in range(1, 101) if not any(line.startswith(f"({n}) ") for line in lines)]
    assert unchecked == []


def test_the_page_shows_every_equation_once():
    text = (ROOT / "book" / "ledger.md").read_text(encoding="utf-8")
    spans = re.findall(r"\{ledger\} equations (\d+)-(\d+)", text)
    shown = [number for first, last in spans for number in range(int(first), int(last) + 1)]
    assert shown == list(range(1, 101))


# A small book, built.

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
import ledger
ledger.EQUATIONS = range(1, 3)
extensions = ["myst_nb", "ledger"]
root_doc = "book/ledger"
exclude_patterns = ["_build"]
nb_execution_mode = "cache"
nb_execution_cache_path = "_build/cache"
myst_enable_extensions = ["dollarmath"]
"""
LEDGER_PAGE = "# Ledger\n\n" + "\n\n".join(
    f"```{{ledger}} {table}\n```" for table in ("summary", "equations 1-2", "claims", "others")
)
ROWS = """
[[equation]]
number = 1
says = 'one, $a$'
status = "definition"
[[equation]]
number = 2
says = 'two'
status = "holds if"
but = 'at {ref}`the right <eq-1>` time'
[[claim]]
section = "2"
says = 'it is so'
status = "holds"
page = "zeta"
check = "so"
"""
EQUATIONS = "# Zeta\n\n" + "\n\n".join(f"(eq-{n})=\n$$ a \\tag{{{n}}} $$" for n in (1, 2))
CHECKS = """from infodyn import check, checks
check(1, 1.0, 1.0 + 3e-12, note="left, right")
check(2, 2.0, 2.0, note="x*_t")
check("so", 0.0, 2e-8, rtol=0, atol=1e-6)
check("more", 1.0, 1.0)"""


class SmallBook:
    """A ledger that comes before the notebook it tells of."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "book").mkdir()
        (folder / "conf.py").write_text(CONF)
        (folder / "book" / "ledger.md").write_text(LEDGER_PAGE)
        (folder / "book" / "ledger.toml").write_text(ROWS)
        self.write(EQUATIONS, CHECKS)

    def write(self, text, code):
        cells = [new_markdown_cell(text), new_code_cell(code), new_code_cell("checks.report()")]
        nbformat.write(new_notebook(cells=cells), self.folder / "book" / "zeta.ipynb")

    def build(self):
        """Return what the build says of the ledger."""
        command = [sys.executable, "-m", "sphinx", "-q", ".", "_build/html"]
        said = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        return re.findall(r"ledger: (.*)", said.stderr) + re.findall(r"undefined label.*", said.stderr)

    def tables(self):
        page = BeautifulSoup(
            (self.folder / "_build" / "html" / "book" / "ledger.html").read_text(), "html.parser"
        )
        return [
            [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in table.find_all("tr")]
            for table in page.find_all("table")
        ]


def test_a_book_is_built_and_built_again(tmp_path):
    book = SmallBook(tmp_path)
    assert book.build() == []
    equations, claims, others = book.tables()
    assert [row[0] for row in equations[1:]] == ["(1)", "(2)"]
    assert equations[1][2:] == ["left, right", "1: 3·10⁻¹² relative", "definition"]
    assert equations[2][2:] == ["x*_t", "1: no difference", "holds if at the right time"]
    assert claims[1] == ["2", "it is so", "holds", "Zeta , check so: 2·10⁻⁸ of 10⁻⁶ allowed"]
    assert others[1] == ["Zeta", "more", "", "1: no difference"]

    # Other words about the same code: nothing is executed, and nothing is lost.
    book.write(EQUATIONS + "\n\nMore.", CHECKS)
    assert book.build() == []
    assert book.tables() == [equations, claims, others]

    # Other checks: the ledger follows, and says what it misses.
    book.write(EQUATIONS.replace("(eq-2)=", ""), CHECKS.replace("check(1, ", "check(2, "))
    assert book.build() == [
        "equation (1) has no check: write check(1, ...) where it is derived",
        "equation (2) has no target: write (eq-2)= before it",
        "undefined label: 'eq-2'",
    ]
    assert book.tables()[0][1][3] == "none"
    assert book.tables()[0][2][2:4] == ["left, right; x*_t", "2: 3·10⁻¹² relative"]
