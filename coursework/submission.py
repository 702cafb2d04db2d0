"""Find the submissions in a folder, and put each into the form of the released notebook.

Of what was handed in only the text of the cells counts. Locked cells and tests come from the source,
whatever the submission holds in their place; changes there are named.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

MOST_CELLS = 500


@dataclass
class Submission:
    """One student's notebook for one assignment.

    Parameters
    ----------
    student, assignment : str
    path : pathlib.Path or None
        None if the student handed in no such notebook.
    notes : list of str
        Remarks for the report.
    """

    student: str
    assignment: str
    path: Path | None
    notes: list = field(default_factory=list)

    @property
    def key(self):
        """Return the name of its record."""
        return f"{self.student}/{self.assignment}"


class Unreadable(Exception):
    """What was handed in is no notebook; the text says why."""


def find(folder, notebooks):
    """Return a submission for each student and each assignment that anyone handed in.

    Parameters
    ----------
    folder : pathlib.Path
        One folder a student, named by the student's id, with notebooks at any depth.
    notebooks : dict
        For each assignment the name of its notebook.

    Raises
    ------
    ValueError
        If there is nothing to grade, or a folder's name cannot be an id.
    """
    students = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    strange = [student.name for student in students if not re.fullmatch(r"[\w.@ -]+", student.name)]
    if strange:
        raise ValueError(
            f"the folder {strange[0]!r} in {folder} cannot be a student's id: "
            "use letters, digits, blanks and . _ @ - only"
        )
    found = {
        (student.name, assignment): sorted(student.rglob(f"{name}.ipynb"), key=lambda p: (len(p.parts), p))
        for student in students
        for assignment, name in notebooks.items()
    }
    wanted = [assignment for assignment in notebooks if any(found[s.name, assignment] for s in students)]
    if not wanted:
        names = ", ".join(f"{name}.ipynb" for name in notebooks.values())
        raise ValueError(
            f"{folder} holds no submission: expected a folder for each student, with one of {names} in it"
        )
    submissions = []
    for student in students:
        for assignment in wanted:
            paths = [p for p in found[student.name, assignment] if ".ipynb_checkpoints" not in p.parts]
            submission = Submission(student.name, assignment, paths[0] if paths else None)
            if not paths:
                submission.notes.append("no notebook was handed in")
            if len(paths) > 1:
                submission.notes.append(
                    f"{len(paths)} notebooks of this name: {paths[0].relative_to(folder)} counts"
                )
            submissions.append(submission)
    return submissions


def fingerprint(submission, source, most_bytes):
    """Return a digest of what decides the mark: what was handed in, and the assignment's source."""
    digest = hashlib.sha256(Path(source).read_bytes())
    path = submission.path
    if path is not None and path.is_file() and not path.is_symlink() and path.stat().st_size <= most_bytes:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read(path, folder, most_bytes):
    """Return the cells handed in.

    Raises
    ------
    Unreadable
        If it is no notebook that can be read.
    """
    inside = [path, *path.parents][: len(path.relative_to(folder).parts)]
    if any(part.is_symlink() for part in inside):
        raise Unreadable("it is a link to another place")
    if not path.is_file():
        raise Unreadable("it is no file")
    size = path.stat().st_size
    if size > most_bytes:
        raise Unreadable(f"it has {size} bytes, more than the {most_bytes} that are read")
    try:
        raw = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"it is no JSON: {problem}") from problem
    try:
        cells = [_cell(cell) for cell in raw["cells"]]
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(f"it is JSON, but no notebook: {type(problem).__name__} {problem}") from problem
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"it has {len(cells)} cells, more than the {MOST_CELLS} that are read")
    return cells


def _cell(raw):
    """Return a cell of text only."""
    source = raw["source"]
    text = source if isinstance(source, str) else "".join(source)
    kind = "code" if raw["cell_type"] == "code" else "markdown"
    marks = raw.get("metadata", {}).get("nbgrader", {})
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written
    return {"source": text, "kind": kind, "marks": marks, "id": raw.get("id")}


def _lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def restore(cells, released):
    """Return the notebook to be graded, with remarks, and the tests whose points are withheld.

    Parameters
    ----------
    cells : list
        As `read` returns them.
    released : nbformat.NotebookNode
        The student version.

    Returns
    -------
    notebook : nbformat.NotebookNode
        The cells of the release in its order; of those that a student fills in, with the student's text;
        cells that the student added stay behind the one they followed.
    notes : list of str
    withheld : dict
        For each test that was changed or deleted, what was done to it.
    """
    official = {
        cell.metadata.nbgrader.grade_id: cell for cell in released.cells if "nbgrader" in cell.metadata
    }
    by_id = {cell.id: name for name, cell in official.items()}
    texts = {cell.source.strip() for cell in released.cells if "nbgrader" not in cell.metadata}
    handed_in, added, last = {}, {None: []}, None
    for cell in cells:
        name = cell["marks"].get("grade_id") if isinstance(cell["marks"], dict) else None
        name = name if isinstance(name, str) and name in official else by_id.get(cell["id"])
        if name is not None:
            if name in handed_in:  # a copy: all of them run, the last one counts
                added[name].append(handed_in[name])
            handed_in[name] = cell
            added.setdefault(name, [])
            last = name
        elif cell["source"].strip() not in texts:
            added[last].append(cell)

    notes, withheld, result = [], {}, list(map(_added, added[None]))
    for cell in released.cells:
        cell = nbformat.from_dict(cell)
        result.append(cell)
        if "nbgrader" not in cell.metadata:
            continue
        marks = cell.metadata.nbgrader
        name = marks.grade_id
        is_test = marks.grade and not marks.solution
        mine = handed_in.get(name)
        if mine is None:
            notes.append(f"the cell {name} is missing")
            if is_test:
                withheld[name] = "missing"
        elif marks.solution:
            cell.source = mine["source"] if cell.cell_type == "code" else _no_tags(mine["source"])
        elif _lines(mine["source"]) != _lines(cell.source):
            notes.append(f"the cell {name} was edited; it was put back")
            if is_test:
                withheld[name] = "edited"
        if mine is not None and mine["marks"] and _settings(mine["marks"]) != _settings(marks):
            notes.append(f"the settings of the cell {name} were edited; they were put back")
            if is_test:
                withheld[name] = "edited"
        result.extend(map(_added, added.get(name, [])))
    notebook = nbformat.v4.new_notebook(cells=result, metadata=released.metadata)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook, notes, withheld


def _added(cell):
    if cell["kind"] == "code":
        return nbformat.v4.new_code_cell(cell["source"])
    return nbformat.v4.new_markdown_cell(_no_tags(cell["source"]))


def _no_tags(text):
    """Return Markdown whose HTML is shown and not obeyed: nbgrader's pages would run its scripts."""
    return text.replace("<", "&lt;")


def _settings(marks):
    """Return what decides the marks of a cell."""
    names = ("grade", "solution", "locked", "points")
    return {name: marks.get(name) for name in names} if isinstance(marks, dict) else None
