"""Grade one submission, in a process of its own that runs none of its code."""

import json
import os
import resource

from coursework import jail
from coursework.course import Course, assignments
from coursework.judge import Judge
from coursework.sandbox import Failed, Sandbox
from coursework.submission import Unreadable, fingerprint, read, restore

STRANGE = "the notebook says STUDENT = {!r}: its parameters are another student's"


def grade_one(submission, folder, root, limits, connection, pid):
    """Grade a submission; write its marks, its feedback and, last, its record.

    Parameters
    ----------
    submission : Submission
    folder : pathlib.Path
        Where the submissions are.
    root : pathlib.Path
        The nbgrader course.
    limits : Limits
    connection : multiprocessing.connection.Connection
        To the submission's own process.
    pid : int
        That process.
    """
    os.setpgid(0, 0)
    jail.die_with_parent()
    course = Course(root)
    name = assignments(root / "source")[submission.assignment]
    released = course.released(submission.assignment, name)
    notes, status = list(submission.notes), "graded"
    try:
        if submission.path is None:
            raise Unreadable("no notebook was handed in")
        cells = read(submission.path, folder, limits.submission)
        notebook, remarks, withheld = restore(cells, released)
        notes += remarks
    except Unreadable as problem:
        status = "missing" if submission.path is None else "unreadable"
        notes += [] if submission.path is None else [f"not read: {problem}"]
        notebook, withheld = released, {}
    sandbox = Sandbox(connection, pid, limits)
    if status != "graded":
        sandbox.close("nothing was run: there is no notebook to run")
    try:
        course.hand_in(submission, notebook, name)
        course.grade(submission, Judge(sandbox, submission.student, withheld))
        written = stated_id(sandbox)
    finally:
        sandbox.close("the notebook was over")
    notes += sandbox.notes if status == "graded" else []
    if written.strip().casefold() != submission.student.strip().casefold():
        notes += [STRANGE.format(written[:80])] if written else []
    record = {
        "student": submission.student,
        "assignment": submission.assignment,
        "status": status,
        "notes": notes,
        "fingerprint": fingerprint(
            submission, root / "source" / submission.assignment / f"{name}.ipynb", limits.submission
        ),
        "seconds": round(sandbox.spent, 2),
        "megabytes": round(sandbox.peak / 2**20),
        "grader_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    finish(course, name, record)


def stated_id(sandbox):
    """Return the id that the notebook states; nothing if it does not."""
    try:
        return str(sandbox.answer("STUDENT"))
    except Failed:
        return ""


def finish(course, name, record):
    """Write the feedback and then the record, whole or not at all."""
    record["marks"] = course.marks(record["student"], record["assignment"], name)
    course.write_feedback(record["student"], record["assignment"])
    path = record_path(course.root, record["student"], record["assignment"])
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(record, indent=1))
    draft.replace(path)


def record_path(root, student, assignment):
    """Return where the record of a graded submission is."""
    return root / "records" / assignment / f"{student}.json"
