"""Execute a submission in nbgrader's pipeline: its own cells in the jail, the tests here.

A locked cell of the source runs on both sides. A cell that the student wrote runs in the jail only. A test
runs in this process only, in a namespace that no line of the student's ever touched; a name that neither the
locked cells nor the test define is the student's, and is asked for as data. So no trick in a submission,
a patched library or a counterfeit exception for instance, can reach the place where marks are made.
"""

import ast
import builtins
import contextlib
import io
import traceback

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

from coursework.sandbox import Failed


def asked_for(source, known):
    """Return the names that a test reads and that are not known: those of the student.

    >>> sorted(asked_for("b = np.abs(rate(2)); assert all(x > a for x in b)", {"np"}))
    ['a', 'rate']
    """
    tree = ast.parse(source)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return {node.id for node in names} - own - set(known) - set(dir(builtins))


class Judge(NbGraderPreprocessor):
    """Takes the place of nbgrader's `Execute`.

    Parameters
    ----------
    sandbox : Sandbox
    student : str
        The id under which the notebook was handed in.
    withheld : dict
        For each test that the submission changed or deleted, what was done to it.
    """

    def __init__(self, sandbox, student, withheld):
        super().__init__()
        self.enabled = True
        self.sandbox = sandbox
        self.withheld = withheld
        self.names = {"STUDENT": student, "__name__": "__main__"}

    def preprocess_cell(self, cell, resources, cell_index):
        """Execute one cell."""
        if cell.cell_type != "code" or not cell.source.strip():
            return cell, resources
        if utils.is_grade(cell) and not utils.is_solution(cell):
            cell.outputs = self.judge(cell)
        else:
            cell.outputs = self.sandbox.run(cell.source)
            if utils.is_locked(cell):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(cell.source, "<locked cell>", "exec"), self.names)
        return cell, resources

    def judge(self, cell):
        """Run a test; return its outputs, an error among them if it failed."""
        name = cell.metadata.nbgrader.grade_id
        if name in self.withheld:
            said = f"this test was {self.withheld[name]} in the submission: its points are withheld"
            return [nbformat.v4.new_output("error", ename="Withheld", evalue=said, traceback=[said])]
        said = io.StringIO()
        try:
            known = dict(self.names)
            for wanted in sorted(asked_for(cell.source, known)):
                known[wanted] = self.sandbox.answer(wanted)
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                exec(compile(cell.source, f"<{name}>", "exec"), known)
        except (Exception, SystemExit) as problem:
            text = str(problem).strip().split("\n")[0][:300] or _line_of(problem, cell.source)
            kind = "Not passed" if isinstance(problem, AssertionError | Failed) else type(problem).__name__
            return [nbformat.v4.new_output("error", ename=kind, evalue=text, traceback=[f"{kind}: {text}"])]
        return [nbformat.v4.new_output("stream", text=said.getvalue() + "passed\n")]


def _line_of(problem, source):
    """Return the line of the visible test that failed, or a word for a hidden one."""
    frames = [
        frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename.startswith("<")
    ]
    lines = source.splitlines()
    number = frames[0].lineno - 1 if frames else 0
    hidden = any("BEGIN HIDDEN TESTS" in line for line in lines[:number])
    return "a hidden test" if hidden or number >= len(lines) else lines[number].strip()
