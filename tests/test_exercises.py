"""Self-checks tell right, nearly right and wrong, and do not give the answer away."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infodyn import answers
from infodyn.answers.registry import ANSWERS, Answer, answer
from infodyn.estimates import Estimate
from infodyn.exercises import SLIPS, agrees, check, compare, personal

SLIP = {  # what a reader writes down, by what is right
    "bits for nats": lambda x: x / np.log(2),
    "nats for bits": lambda x: x * np.log(2),
    "the sign": lambda x: -x,
    "twice": lambda x: 2 * x,
    "half": lambda x: x / 2,
    "sigma for sigma squared": lambda x: np.sqrt(x),
    "sigma squared for sigma": lambda x: x**2,
}


@pytest.fixture
def registered(monkeypatch):
    """Put an answer in for one test."""

    def put(right, rtol=5e-3):
        monkeypatch.setitem(ANSWERS, "99.1", Answer(lambda: right, rtol))

    return put


@pytest.mark.parametrize("exercise", sorted(ANSWERS))
def test_each_answer_is_accepted_and_its_slips_are_not(exercise):
    right = ANSWERS[exercise].compute()
    assert check(exercise, right).kind == "right"
    if isinstance(right, str):
        assert check(exercise, right + "s").kind == "wrong"
        return
    number = np.asarray(getattr(right, "value", right), dtype=float)
    kinds = {check(exercise, other).kind for other in (7 * number + 3, number + 1)}
    assert "right" not in kinds
    assert "wrong" in kinds  # one of the two may be what a slip makes of the answer


@pytest.mark.parametrize("slip", SLIP)
@pytest.mark.parametrize("right", [0.3, 5.0, [0.2, 3.0], [[0.1, 0.7], [1.3, 2.2]]])
def test_the_usual_slips_are_nearly_right(registered, slip, right):
    registered(right)
    verdict = check("99.1", SLIP[slip](np.array(right)))
    assert verdict.kind == "nearly right"
    assert verdict.hint in SLIPS
    assert not verdict


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("bits for nats", "nats and bits"),
        ("the sign", "sign"),
        ("twice", "two is too much"),
        ("half", "two is missing"),
        ("sigma for sigma squared", "square is missing"),
        ("sigma squared for sigma", "square where"),
    ],
)
def test_the_hint_names_the_slip(registered, slip, word):
    registered(5.0)
    assert word in check("99.1", SLIP[slip](5.0)).hint


@given(st.floats(0.01, 100), st.floats(-0.0049, 0.0049))
def test_rounding_is_right(right, error):
    assert compare(right * (1 + error), right, 5e-3).kind == "right"


@given(st.floats(0.01, 100), st.sampled_from([0.006, -0.006, 0.03, -0.03]))
def test_more_than_rounding_is_not(right, error):
    assert compare(right * (1 + error), right, 5e-3).kind != "right"


@given(st.floats(0.01, 100), st.floats(0.0, 200.0))
def test_no_verdict_holds_a_number(right, given_answer):
    assert not re.search(r"\d", repr(compare(given_answer, right, 5e-3)))


def test_no_slip_is_named_where_it_changes_nothing(registered):
    registered(1.0)  # its own square
    assert check("99.1", 1.008).kind == "wrong"
    registered(0.0)
    assert check("99.1", 0.0).kind == "right"
    assert check("99.1", 0.5).kind == "wrong"


def test_a_count_has_no_tolerance(registered):
    registered(1000, rtol=0)
    assert check("99.1", 1000).kind == "right"
    assert check("99.1", 1001).kind == "wrong"


def test_shapes(registered):
    registered(np.array([1.0, 2.0]))
    assert check("99.1", [[1.0], [2.0]]).kind == "right"
    assert check("99.1", [2.0, 1.0]).kind == "wrong"
    assert "2 numbers are asked for" in check("99.1", 1.0).hint
    registered(3.0)
    assert check("99.1", [3.0]).kind == "right"
    assert check("99.1", Estimate(3.0, 0.1)).kind == "right"
    assert "one number is asked for" in check("99.1", [3.0, 3.0]).hint
    assert "not dict" in check("99.1", {}).hint
    assert check("99.1", np.nan).kind == "wrong"


def test_words(registered):
    registered("fold")
    assert check("99.1", " Fold ").kind == "right"
    assert check("99.1", "fork").kind == "wrong"


def test_dots_are_no_answer(registered):
    registered(3.0)
    assert repr(check("99.1", ...)) == "no answer yet: write yours in the place of the dots"
    assert not check("99.1", ...)


def test_an_unknown_number_says_which_there_are():
    with pytest.raises(ValueError, match=r"no self-check for '0\.0'.*3\.2"):
        check("0.0", 1)


def test_a_number_is_registered_once():
    with pytest.raises(ValueError, match="has an answer already"):
        answer("3.2")(lambda: 1)


def test_no_answer_is_written_down():
    """Each is computed: the source holds no number that is its answer."""
    files = Path(answers.__file__).parent.glob("*.py")
    source = "\n".join(path.read_text() for path in files)
    numbers = {float(text) for text in re.findall(r"(?<![\w.])\d+\.?\d*(?:e-?\d+)?", source)}
    for exercise, known in ANSWERS.items():
        right = known.compute()
        if not isinstance(right, str):
            value = np.asarray(getattr(right, "value", right), dtype=float)
            assert not (value.ndim == 0 and float(value) in numbers and known.rtol), exercise


@pytest.mark.parametrize(
    ("x", "y", "same"),
    [
        ([1, 2], [[1], [2]], True),
        (3.0, [3.0], True),
        ([1, 2], [1, 2, 3], False),
        ([1.0, 1e-9], [1.0, 0.0], True),
        ([1.0, 1e-4], [1.0, 0.0], False),
        ([np.nan], [1.0], False),
        (Estimate(2.0, 0.0), 2.0, True),
        (0.0, 0.0, True),
        (1e-6, 0.0, False),
    ],
)
def test_agrees(x, y, same):
    assert agrees(x, y) is same


@pytest.mark.parametrize(
    ("student", "what", "number"), [("s1", "a", 38), ("s2", "a", 82), ("s1", "b", 94), (" S1 ", "a", 38)]
)
def test_personal_numbers_stay_the_same_for_ever(student, what, number):
    assert personal(student, "x", what, range(100)) == number


def test_personal_numbers_differ_and_all_occur():
    drawn = [personal(f"student {i}", "x", "y", "abcd") for i in range(400)]
    assert all(60 < drawn.count(letter) < 140 for letter in "abcd")


def test_no_id_no_numbers():
    with pytest.raises(ValueError, match="the id is empty"):
        personal(" ", "x", "y", [1])


# The book's exercises.

ROOT = Path(__file__).resolve().parent.parent
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
CHAPTERS = [page["file"] for part in PARTS if part.get("numbered") for page in part["chapters"]]
KINDS = {"to predict", "to derive", "to compute", "to break"}
FEWEST_EXERCISES, MOST_WITHOUT_A_CHECK = 5, 1
START = re.compile(r"^`{3,}\{(exercise|solution)(?:-start)?\} *(.*)\n(?::label: (.*)\n)?", re.M)
CHECK = re.compile(r"^exercises\.check\(\s*\"([\d.]+)\",\s*(.*?)\s*\)$", re.M | re.S)


class Exercise:
    """An exercise of a page: its place, title, words, solution and self-checks."""

    def __init__(self, place, title):
        self.place, self.title = place, title
        self.name, self.kind, self.stars = (*title.split(" · "), "", "")[:3]
        self.words, self.solution, self.asked, self.solved = "", "", [], []


def exercises_of(cells, chapter):
    """Return the exercises of a page, in order; no cell with a self-check is left over."""
    found, by_label, current, part = [], {}, None, None
    for cell in cells:
        if cell.cell_type == "code":
            for check_cell in CHECK.finditer(cell.source):
                entry = (*check_cell.groups(), cell)
                (current.asked if part == "exercise" else current.solved).append(entry)
            if part == "solution":
                current.last = cell
            continue
        for text in re.split(r"(?=^`{3,}\{(?:exercise|solution))", cell.source, flags=re.M):
            if re.match(r"`{3,}\{(exercise|solution)-end\}", text):
                part = None
            elif start := START.match(text):
                part = start[1]
                if part == "exercise":
                    current = Exercise(f"{chapter}.{len(found) + 1}", start[2])
                    found.append(current)
                    by_label[start[3]] = current
                else:
                    current = by_label[start[2].strip()]
                    current.folded = ":class: dropdown" in text
            if part == "exercise":
                current.words += text
            elif part == "solution":
                current.solution += text
    return found


@pytest.fixture(params=enumerate(CHAPTERS, start=1), ids=lambda numbered: numbered[1].rpartition("/")[2])
def page(request):
    """Return the number of a chapter and its exercises."""
    number, file = request.param
    cells = nbformat.read(ROOT / f"{file}.ipynb", as_version=4).cells
    return number, exercises_of(cells, number)


def results(cell):
    """Return what the last line of a cell gave."""
    return [output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result"]


def test_the_chapters_are_those_that_have_answers():
    names = {file.rpartition("/")[2] for file in CHAPTERS}
    assert names == set(answers.__all__) - {"ANSWERS"}


def test_enough_exercises_of_every_kind_from_easy_to_hard(page):
    _, exercises = page
    assert len(exercises) >= FEWEST_EXERCISES
    assert [e.title for e in exercises if e.kind not in KINDS or not re.fullmatch("★{1,3}", e.stars)] == []
    assert {e.kind for e in exercises} == KINDS
    assert {e.stars for e in exercises} >= {"★", "★★★"}
    assert [e.stars for e in exercises] == sorted(e.stars for e in exercises)


def test_each_exercise_has_a_hint_and_a_folded_solution(page):
    _, exercises = page
    for exercise in exercises:
        assert ":::{dropdown} Hint\n" in exercise.words, exercise.title
        assert len(exercise.solution.split()) > 20, exercise.title
        assert exercise.folded, exercise.title


def test_self_checks_have_the_numbers_that_the_page_shows(page):
    number, exercises = page
    asked = [(e.place, *e.asked[0]) for e in exercises if e.asked]
    assert len(exercises) - len(asked) <= MOST_WITHOUT_A_CHECK
    for place, name, dots, cell in asked:
        assert (place, dots) == (name, "...")
        assert cell.source == f'exercises.check("{place}", ...)'
        assert cell.metadata.tags == ["remove-output"]  # a reader without Python cannot answer
        assert results(cell) == ["no answer yet: write yours in the place of the dots"]
    registered = {exercise for exercise in ANSWERS if exercise.split(".")[0] == str(number)}
    assert {place for place, *_ in asked} == registered
    assert all(len(e.asked) <= 1 for e in exercises)


def test_each_solution_ends_with_its_self_check_and_is_right(page):
    _, exercises = page
    for exercise in exercises:
        if not exercise.asked:
            assert exercise.solved == []
            continue
        ((name, found, cell),) = exercise.solved
        assert (name, cell) == (exercise.place, exercise.last)
        assert found != "..."
        assert cell.source.rstrip().endswith(CHECK.search(cell.source)[0])
        assert results(cell) == ["right"]
