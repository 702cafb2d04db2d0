"""Submissions made from the source: solved, empty, or with other answers in some cells. For tests."""

import re
import tomllib
from pathlib import Path

import nbformat

WRONG = Path(__file__).resolve().parent / "wrong_answers"


def name_of(cell):
    """Return the name by which nbgrader knows a cell; None for a cell that it does not know."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def filled_in(released, student, source=None, cells=None):
    """Return a student version as it is handed in.

    Parameters
    ----------
    released : nbformat.NotebookNode
        The student version.
    student : str
        The id to write into it.
    source : nbformat.NotebookNode, optional
        Where the solutions are; without it nothing is answered.
    cells : dict, optional
        Other sources for some cells.
    """
    notebook = nbformat.from_dict(released)
    answers = {}
    for cell in source.cells if source else []:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            answers[marks["grade_id"]] = re.sub(
                r"^ *### (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.MULTILINE
            )
    answers |= (cells or {}) | {"student": f"STUDENT = {student!r}"}
    for cell in notebook.cells:
        cell.source = answers.get(name_of(cell), cell.source)
    return notebook


def wrong_answers(assignment):
    """Return the listed wrong answers of an assignment: what, the tests that they lose, and cells."""
    return tomllib.loads((WRONG / f"{assignment}.toml").read_text(encoding="utf-8"))["wrong"]


def together(wrongs):
    """Put wrong answers together that neither share a cell nor a lost test, so that fewer notebooks do."""
    groups = []
    for wrong in wrongs:
        mine = set(wrong["cells"]) | set(wrong["loses"])
        for group in groups:
            if all(mine.isdisjoint(set(other["cells"]) | set(other["loses"])) for other in group):
                group.append(wrong)
                break
        else:
            groups.append([wrong])
    return groups
