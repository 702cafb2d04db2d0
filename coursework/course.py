"""The folder that nbgrader works in: sources, releases, the gradebook, graded notebooks, feedback."""

import os
import shutil
import sys
import warnings
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearSolutions,
    GetGrades,
    LimitOutput,
    SaveAutoGrades,
)
from nbgrader.utils import capture_log
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

SOURCE = Path(__file__).resolve().parent / "source"
CONFIG = """\
# For nbgrader's own commands in this folder, and its page for grading by hand.
c = get_config()
c.CourseDirectory.root = {root!r}
"""


def assignments(source=SOURCE):
    """Return for each assignment the name of its notebook.

    >>> assignments()["1_questions"]
    'questions'
    """
    return {path.parent.name: path.stem for path in sorted(Path(source).glob("*/*.ipynb"))}


class ClearAnswers(ClearSolutions):
    """Take out the solutions; leave the line in which students write their id."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Take the solution out of one cell."""
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "student":
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


class Course:
    """An nbgrader course in a folder.

    Parameters
    ----------
    root : pathlib.Path
    """

    def __init__(self, root):
        self.root = Path(root).resolve()
        scripts = os.path.dirname(sys.executable)  # nbgrader calls alembic by its bare name
        if scripts not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
        self.database = f"sqlite:///{self.root}/gradebook.db?timeout=120"
        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = self.database
        config.HTMLExporter.sanitize_html = True
        self.config = config

    def released(self, assignment, notebook):
        """Return the student version."""
        path = self.root / "release" / assignment / f"{notebook}.ipynb"
        return nbformat.read(path, as_version=4)

    def release(self, names, source=SOURCE):
        """Generate the student version of these assignments, and enter them in the gradebook."""
        (self.root / "nbgrader_config.py").write_text(CONFIG.format(root=str(self.root)))
        steps = [
            ClearAnswers if step is ClearSolutions else step for step in GenerateAssignment().preprocessors
        ]
        for name in names:
            target = self.root / "source" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(Path(source) / name, target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
            self._convert(GenerateAssignment, name, preprocessors=steps)

    def enter(self, students):
        """Enter students in the gradebook, which two processes cannot do at the same time."""
        with Gradebook(self.database) as gradebook:
            for student in students:
                gradebook.update_or_create_student(student)

    def hand_in(self, submission, notebook, name):
        """Put a notebook where nbgrader looks for what was submitted."""
        folder = self.root / "submitted" / submission.student / submission.assignment
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{name}.ipynb")

    def grade(self, submission, judge):
        """Have nbgrader grade what was handed in, with `judge` in the place of its executor."""
        steps = [judge, ClearMetadataPreprocessor, LimitOutput, SaveAutoGrades, CheckCellMetadata]
        self._convert(Autograde, submission.assignment, submission.student, autograde_preprocessors=steps)

    def write_feedback(self, student, assignment):
        """Write the HTML page that the student gets; hidden tests are not on it."""
        steps = [GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
        self._convert(GenerateFeedback, assignment, student, preprocessors=steps)

    def marks(self, student, assignment, notebook):
        """Return the marks of one submission, a cell at a time.

        Returns
        -------
        list of dict
            Each with the name of the cell, its score, its maximum, and whether it is to be marked by hand.
        """
        with Gradebook(self.database) as gradebook:
            grades = gradebook.find_submission_notebook(notebook, assignment, student).grades
            return [
                {
                    "cell": grade.cell.name,
                    "score": grade.score,
                    "max_score": grade.max_score,
                    "by_hand": bool(grade.needs_manual_grade),
                }
                for grade in sorted(grades, key=lambda grade: grade.cell.name)
            ]

    def _convert(self, converter, assignment, student="*", **settings):
        directory = CourseDirectory(config=self.config)
        directory.assignment_id = assignment
        directory.student_id = student
        app = converter(coursedir=directory, config=self.config)
        app.force = True
        for name, value in settings.items():
            setattr(app, name, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's way with SQLAlchemy's sessions
            result = capture_log(app)
        if not result["success"]:
            raise RuntimeError(
                f"nbgrader could not convert {assignment}:\n{result['log']}\n{result.get('error')}"
            )
