"""Assignments, graded by the real nbgrader: right, wrong, empty, broken and hostile submissions."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from hostile import HOSTILE
from nbgrader.api import Gradebook

from coursework import grade as grading
from coursework.course import SOURCE, Course, assignments
from coursework.grade import harmless
from coursework.samples import filled_in, name_of, together, wrong_answers
from coursework.submission import Unreadable, find, read, restore

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENTS = assignments()
COHORT = "1_questions"
GOOD = [f"good{number:02}" for number in range(20)]
BOUNDS = ["--cell-seconds", "20", "--total-seconds", "120", "--megabytes", "600"]

PROBE = "from coursework import jail, limits; print(jail.why_not(limits.Limits()) or '')"
PROBED = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, check=True, capture_output=True, text=True)
OPEN = PROBED.stdout.strip()  # why this system locks nobody in; empty where it does
locked_in = pytest.mark.skipif(bool(OPEN), reason=f"this system lets nobody be locked in: {OPEN}")


def command(*arguments):
    trusted = ["--trusted"] if OPEN and arguments[0] == "grade" else []
    return [sys.executable, "-m", "coursework", *map(str, arguments), *trusted]


def sources(assignment):
    return nbformat.read(SOURCE / assignment / f"{ASSIGNMENTS[assignment]}.ipynb", as_version=4)


def points_of(assignment):
    """Return the points of each autograded test."""
    marks = [cell.metadata.nbgrader for cell in sources(assignment).cells if name_of(cell)]
    return {mark.grade_id: mark.points for mark in marks if mark.grade and not mark.solution}


def by_hand(assignment):
    marks = [cell.metadata.nbgrader for cell in sources(assignment).cells if name_of(cell)]
    return {mark.grade_id for mark in marks if mark.grade and mark.solution}


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """Return the student version, unpacked."""
    folder = tmp_path_factory.mktemp("release")
    subprocess.run(command("release", folder), cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(folder / "infodyn-coursework.zip") as packed:
        packed.extractall(folder)
    return folder / "infodyn-coursework"


@pytest.fixture(scope="session")
def released(archive):
    paths = {name: archive / name / f"{notebook}.ipynb" for name, notebook in ASSIGNMENTS.items()}
    return {name: nbformat.read(path, as_version=4) for name, path in paths.items()}


@pytest.fixture(scope="session")
def wrong_together():
    """Return for each assignment the wrong answers, as many in one notebook as can be told apart."""
    return {name: together(wrong_answers(name)) for name in ASSIGNMENTS}


def handed_in(folder, student, assignment, text):
    path = folder / student / f"{ASSIGNMENTS[assignment]}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def everything_about(name, folder, released, groups):
    """Hand in the solution, nothing, and wrong answers."""
    solution = sources(name)
    for student, cells in [("solved", {})] + [
        (f"wrong-{number}", {key: text for wrong in group for key, text in wrong["cells"].items()})
        for number, group in enumerate(groups)
    ]:
        handed_in(folder, student, name, nbformat.writes(filled_in(released, student, solution, cells)))
    handed_in(folder, "empty", name, nbformat.writes(filled_in(released, "empty")))


def results(folder, root, said):
    with open(root / "marks.csv", newline="", encoding="utf-8") as file:
        table = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}
    records = {}
    for path in root.glob("records/*/*.json"):
        records.setdefault(path.stem, {})[path.parent.name] = json.loads(path.read_text())
    return {"folder": folder, "root": root, "table": table, "records": records, "said": said}


@pytest.fixture(scope="session")
def cohort(tmp_path_factory, released, wrong_together):
    """Grade good, wrong, broken and hostile submissions in one run that is killed and started again."""
    place = tmp_path_factory.mktemp("cohort")
    folder, root = place / "submissions", place / "graded"
    everything_about(COHORT, folder, released[COHORT], wrong_together[COHORT])
    solution = sources(COHORT)
    for student in [*GOOD, *HOSTILE]:
        text = nbformat.writes(filled_in(released[COHORT], student, solution))
        handed_in(folder, student, COHORT, HOSTILE[student][0](text) if student in HOSTILE else text)
    borrowed = nbformat.writes(filled_in(released[COHORT], "somebody-else", solution))
    handed_in(folder, "borrowed", COHORT, borrowed)
    (folder / "linked").mkdir()
    (folder / "linked" / "questions.ipynb").symlink_to(folder / GOOD[0] / "questions.ipynb")
    (folder / "nothing").mkdir()

    grade = command("grade", folder, "--into", root, *BOUNDS)
    first = subprocess.Popen(grade, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(list(root.glob("records/*/*.json"))) < 4:
        time.sleep(0.1)
        assert first.poll() is None, "the first run ended by itself"
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = {path: path.stat().st_mtime_ns for path in root.glob("records/*/*.json")}
    second = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr[-3000:]
    return results(folder, root, second.stdout) | {"before": before}


@pytest.fixture(scope="session")
def others(tmp_path_factory, released, wrong_together):
    """Grade the other assignments: solved, empty and wrong."""
    place = tmp_path_factory.mktemp("others")
    folder, root = place / "submissions", place / "graded"
    for name in ASSIGNMENTS:
        if name != COHORT:
            everything_about(name, folder, released[name], wrong_together[name])
    grade = command("grade", folder, "--into", root)
    run = subprocess.run(grade, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return results(folder, root, run.stdout)


@pytest.fixture
def graded(request, name):
    """Return what was graded of an assignment."""
    return request.getfixturevalue("cohort" if name == COHORT else "others")


def lost(graded, student, assignment):
    """Return the tests that a submission lost, and check that each is lost whole."""
    record = graded["records"][student][assignment]
    scores = {mark["cell"]: mark["score"] for mark in record["marks"]}
    points = points_of(assignment)
    assert all(scores[test] in (0, points[test]) for test in points)
    return {test for test in points if scores[test] == 0}


# The student version


def test_there_are_six_assignments_of_twenty_points(released):
    assert len(ASSIGNMENTS) == 6
    for name in ASSIGNMENTS:
        points = [
            mark.metadata.nbgrader.points
            for mark in sources(name).cells
            if "points" in mark.metadata.get("nbgrader", {})
        ]
        assert sum(points) == 20
        assert len(points_of(name)) >= 4, "partial credit"
        assert by_hand(name)


def test_the_student_version_has_no_solutions_and_no_hidden_tests(archive):
    own = set()
    for name in ASSIGNMENTS:
        for cell in sources(name).cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("solution") and marks.get("grade"):
                own |= {line.strip() for line in cell.source.splitlines()}
            hidden = False
            for line in cell.source.splitlines():
                if "### END" in line:
                    hidden = False
                if (
                    hidden
                    and len(line.strip()) > 25
                    and not line.strip().startswith(("from ", "import ", "assert 0", "rng ="))
                ):
                    own.add(line.strip())
                if "### BEGIN" in line:
                    hidden = True
    files = [path for path in archive.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".ipynb", ".md", ".whl"}
    for path in files:
        with zipfile.ZipFile(path) if path.suffix == ".whl" else open(path, "rb") as file:
            texts = (
                [file.read(name).decode() for name in file.namelist()]
                if path.suffix == ".whl"
                else [
                    json.dumps(nbformat.read(path, as_version=4))
                    if path.suffix == ".ipynb"
                    else file.read().decode()
                ]
            )
        for text in texts:
            assert not any(
                mark in text for mark in ("BEGIN SOLUTION", "HIDDEN TESTS", "Model answer", "Rubric")
            )
        if path.suffix == ".ipynb":
            lines = {
                line.strip()
                for cell in nbformat.read(path, as_version=4).cells
                for line in cell.source.splitlines()
            }
            assert not lines & {line for line in own if len(line) > 25}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_students_find_the_line_for_their_id_and_stubs_for_their_answers(released, name):
    cells = {name_of(cell): cell.source for cell in released[name].cells}
    assert cells["student"] == 'STUDENT = ""'
    answers = {
        name_of(cell)
        for cell in sources(name).cells
        if cell.metadata.get("nbgrader", {}).get("solution") and name_of(cell) != "student"
    }
    assert answers
    assert all("YOUR CODE HERE" in cells[it] or cells[it] == "YOUR ANSWER HERE" for it in answers)


def test_the_wheel_of_the_student_version_is_this_package(archive):
    (wheel,) = archive.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if name.startswith("infodyn/") and name.endswith(".py")]
        assert {name: packed.read(name) for name in names} == {
            str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / "infodyn").rglob("*.py")
        }


def test_the_book_does_not_show_the_assignments():
    contents = (ROOT / "_toc.yml").read_text() + (ROOT / "_config.yml").read_text()
    assert "coursework" not in contents
    assert "only_build_toc_files: true" in contents


# Marks


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_solution_gets_full_marks(graded, name):
    record = graded["records"]["solved"][name]
    assert lost(graded, "solved", name) == set()
    assert record["notes"] == []
    assert {mark["cell"] for mark in record["marks"] if mark["by_hand"]} == by_hand(name)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_an_empty_submission_gets_nothing(graded, name):
    record = graded["records"]["empty"][name]
    assert sum(mark["score"] for mark in record["marks"]) == 0
    assert not any(mark["by_hand"] for mark in record["marks"])


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_each_wrong_answer_loses_exactly_its_points(graded, wrong_together, name):
    for number, group in enumerate(wrong_together[name]):
        expected = {test for wrong in group for test in wrong["loses"]}
        assert lost(graded, f"wrong-{number}", name) == expected, [wrong["what"] for wrong in group]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_test_has_a_wrong_answer_that_loses_it(name):
    assert {test for wrong in wrong_answers(name) for test in wrong["loses"]} == set(points_of(name))


# The cohort: twenty good submissions among those that are not


@pytest.mark.parametrize("student", GOOD)
def test_the_good_ones_get_what_they_would_alone(cohort, student):
    assert lost(cohort, student, COHORT) == set()
    assert cohort["table"][student, COHORT]["remarks"] == ""


@pytest.mark.parametrize("student", HOSTILE)
def test_the_others_lose_their_own_points_and_are_named(cohort, student):
    _, expected, remark = HOSTILE[student]
    if student in ("search", "network") and OPEN:
        pytest.skip("this system lets nobody make namespaces")
    assert lost(cohort, student, COHORT) == (set(points_of(COHORT)) if expected == "all" else expected)
    assert remark in cohort["table"][student, COHORT]["remarks"]
    assert f"{student}, {COHORT}: " in cohort["said"]


@locked_in
def test_a_search_finds_nothing_and_there_is_no_network(cohort):
    for student in ("search", "network"):
        path = cohort["root"] / "autograded" / student / COHORT / "questions.ipynb"
        shown = json.dumps([cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells])
        assert "FOUND 0" in shown or student == "network"
        assert "FOUND" not in shown.replace("FOUND 0", "")


def test_someone_elses_numbers_are_no_use(cohort):
    assert {"test_left", "test_rates"} <= lost(cohort, "borrowed", COHORT)
    assert "another student's" in cohort["table"]["borrowed", COHORT]["remarks"]


def test_a_link_to_another_submission_is_not_followed(cohort):
    assert lost(cohort, "linked", COHORT) == set(points_of(COHORT))
    assert "it is a link" in cohort["table"]["linked", COHORT]["remarks"]


def test_nothing_handed_in(cohort):
    row = cohort["table"]["nothing", COHORT]
    assert (row["status"], float(row["score"])) == ("missing", 0)


def test_an_interrupted_run_resumes(cohort):
    assert len(cohort["before"]) >= 4
    assert {path: path.stat().st_mtime_ns for path in cohort["before"]} == cohort["before"]


def test_each_gets_a_page_without_hidden_tests_and_with_no_script_of_a_student(cohort):
    asserts = set()
    for cell in sources(COHORT).cells:
        _, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
        asserts |= {line.strip() for line in hidden.splitlines() if line.startswith("assert ")}
    assert len(asserts) > 5
    for student, name in cohort["table"]:
        page = cohort["root"] / "feedback" / student / name / f"{ASSIGNMENTS[name]}.html"
        html = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        text = html.get_text()
        assert not any(line in text for line in asserts)
        assert "Score: " in text
        assert not any("parent.stolen" in str(script) for script in html.find_all("script"))
        assert not any("parent.stolen" in str(tag.attrs) for tag in html.find_all(True))


def test_marks_given_by_hand_count_and_stay(cohort, tmp_path):
    """The points of a manual question are entered through nbgrader's gradebook; the next run reports them."""
    from nbgrader.api import Gradebook

    root = tmp_path / "graded"
    shutil.copytree(cohort["root"], root)
    student, name = GOOD[3], COHORT
    with Gradebook(Course(root).database) as gradebook:
        for cell in by_hand(name):
            grade = gradebook.find_grade(cell, ASSIGNMENTS[name], name, student)
            grade.manual_score = grade.max_score
            grade.needs_manual_grade = False
        gradebook.db.commit()
    again = command("grade", cohort["folder"], "--into", root, *BOUNDS)
    subprocess.run(again, cwd=ROOT, check=True, capture_output=True)
    with open(root / "marks.csv", newline="", encoding="utf-8") as file:
        rows = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}
    row = rows.pop((student, name))
    assert float(row["score"]) == float(row["max_score"]) == 20
    assert row["by_hand"] == ""
    assert rows == {key: value for key, value in cohort["table"].items() if key != (student, name)}


# The pieces


def test_a_cell_that_lost_its_settings_is_known_by_its_id(released):
    notebook = filled_in(released[COHORT], "s", sources(COHORT))
    cells = [{"source": c.source, "kind": c.cell_type, "marks": {}, "id": c.id} for c in notebook.cells]
    restored, notes, withheld = restore(cells, released[COHORT])
    assert (notes, withheld) == ([], {})
    assert [cell.source for cell in restored.cells] == [cell.source for cell in notebook.cells]


def test_cells_that_a_student_adds_stay_in_their_place(released):
    notebook = filled_in(released[COHORT], "s", sources(COHORT))
    cells = [
        {"source": c.source, "kind": c.cell_type, "marks": c.metadata.get("nbgrader", {}), "id": c.id}
        for c in notebook.cells
    ]
    at = [cell["marks"].get("grade_id") for cell in cells].index("left")
    cells.insert(at + 1, {"source": "mine = 1", "kind": "code", "marks": {}, "id": None})
    copy = cells[at] | {"source": "left = 0"}
    cells.insert(at, copy)
    restored, notes, withheld = restore(cells, released[COHORT])
    names = [name_of(cell) or cell.source for cell in restored.cells]
    assert names.index("mine = 1") > names.index("left")
    assert (notes, withheld) == ([], {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "no JSON"),
        ("{}", "no notebook"),
        ('{"cells": 3}', "no notebook"),
        ('{"cells": [3]}', "no notebook"),
        ('{"cells": [{"source": 1, "cell_type": "code"}]}', "no notebook"),
        ('{"cells": [' + ",".join(['{"source": "", "cell_type": "code"}'] * 501) + "]}", "501 cells"),
        ("x" * 2000, "2000 bytes"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, text, problem):
    path = tmp_path / "a" / "x.ipynb"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(Unreadable, match=problem):
        read(path, tmp_path, 1500 if "x" in text else 10**6)


def test_a_folder_without_submissions_says_what_is_expected(tmp_path):
    with pytest.raises(
        ValueError, match=r"holds no submission: expected a folder for each student.*questions\.ipynb"
    ):
        find(tmp_path, ASSIGNMENTS)


@pytest.mark.parametrize("name", ["*", "[a]", "a+b"])
def test_a_folder_that_cannot_be_an_id_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match=r"cannot be a student's id: use letters"):
        find(tmp_path, ASSIGNMENTS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coursework", "grade", "no-such-folder"], "there is no folder"),
        (["coursework", "grade", "."], "holds no submission"),
    ],
)
def test_a_command_that_cannot_run_says_why(tmp_path, arguments, said):
    (tmp_path / "student").mkdir()
    tried = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert tried.returncode == 1
    assert said in tried.stderr
    assert "Traceback" not in tried.stderr


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_spreadsheet_computes_nothing_that_a_student_wrote(text):
    assert harmless(text) == "'" + text
    assert harmless("a\nb") == "a b"


def test_students_are_in_the_gradebook_before_their_assignments_are_graded_side_by_side(
    tmp_path, released, monkeypatch
):
    folder, root = tmp_path / "submissions", tmp_path / "graded"
    for name in list(ASSIGNMENTS)[:2]:
        handed_in(folder, "one", name, nbformat.writes(released[name]))

    class Reached(Exception):
        pass

    def run(*arguments, **settings):
        with Gradebook(Course(root).database) as gradebook:
            raise Reached([student.id for student in gradebook.students])

    monkeypatch.setattr(grading, "_run", run)
    with pytest.raises(Reached) as reached:
        grading.grade(folder, root, trusted=True)
    assert reached.value.args == (["one"],)
