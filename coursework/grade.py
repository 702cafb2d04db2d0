"""Grade a folder of submissions, each in processes of its own; a run that was interrupted resumes."""

import contextlib
import csv
import fcntl
import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

from tqdm import tqdm

from coursework import jail, runner, worker
from coursework.course import SOURCE, Course, assignments
from coursework.limits import Limits
from coursework.submission import find, fingerprint

PRELOADED = ["coursework.worker", "coursework.runner", "matplotlib.pyplot", "infodyn", "infodyn.exercises"]
GRACE = 30.0
OPEN = """\
This system does not let a submission be locked in ({why}).
Its code could read your files, the solutions among them, and use the network.
Grade on Linux with user namespaces, or as root in a container or a virtual machine;
or, if you trust every submission: make grade SUBMISSIONS={folder} TRUSTED=1"""


class Running:
    """One submission that is being graded: its own process, and the one that judges it."""

    def __init__(self, context, submission, folder, root, limits, number, locked_in):
        self.submission = submission
        self.number = number
        here, there = context.Pipe()
        self.student_process = context.Process(target=runner.main, args=(there, limits, number, locked_in))
        self.student_process.start()
        there.close()
        arguments = (submission, folder, root, limits, here, self.student_process.pid)
        self.judge_process = context.Process(target=worker.grade_one, args=arguments)
        self.judge_process.start()
        here.close()
        self.deadline = time.monotonic() + limits.total_seconds + limits.cell_seconds + GRACE

    def over(self):
        """Return whether it is over, one way or the other."""
        return not self.judge_process.is_alive() or time.monotonic() > self.deadline

    def stop(self):
        """End what is left of it; return why it went wrong, or None."""
        late = self.judge_process.is_alive()
        code = self.judge_process.exitcode
        for process in (self.judge_process, self.student_process):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.join()
        if late:
            return "its grading took too long and was stopped"
        return f"its grading ended with code {code}" if code else None


def grade(folder, root, limits=None, trusted=False, jobs=None, source=SOURCE):
    """Grade every submission that has no valid record yet; write `marks.csv`.

    Parameters
    ----------
    folder : path
        The submissions: one folder a student.
    root : path
        Where marks, feedback and nbgrader's own files go.
    limits : Limits, optional
    trusted : bool, optional
        Grade even where a submission cannot be locked in.
    jobs : int, optional
        How many at the same time; as many as there are processors when absent.
    source : path, optional
        The assignments.

    Returns
    -------
    list of dict
        The records, sorted by assignment and student.

    Raises
    ------
    ValueError
        If there is nothing to grade.
    PermissionError
        If a submission cannot be locked in and is not trusted.
    """
    folder, root = Path(folder).resolve(), Path(root).resolve()
    limits = limits or Limits()
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}: give the one with the submissions, SUBMISSIONS=...")
    notebooks = assignments(source)
    submissions = find(folder, notebooks)
    why = jail.why_not(limits)
    if why and not trusted:
        raise PermissionError(OPEN.format(why=why, folder=folder))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)
    with only_one(root):
        course = Course(root)
        _release(course, sorted({submission.assignment for submission in submissions}), source)
        course.enter(sorted({submission.student for submission in submissions}))
        waiting = [s for s in submissions if not _has_record(s, root, notebooks, limits)]
        _run(waiting, len(submissions), folder, root, limits, locked_in=not why, jobs=jobs or os.cpu_count())
        records = [_read(root, s) for s in submissions]
        for record in records:
            _renew(course, notebooks[record["assignment"]], record)
        write_marks(records, root / "marks.csv")
    return records


@contextlib.contextmanager
def only_one(root):
    """Hold a lock, so that two runs do not write the same gradebook."""
    with open(root / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another run is grading into {root}: wait for it") from None
        yield


def _release(course, names, source):
    """Enter new and changed assignments in the gradebook."""
    course.release([n for n in names if not _same_source(course, n, source)], source)


def _same_source(course, name, source):
    mine = {p.name: p.read_bytes() for p in (course.root / "source" / name).glob("*.ipynb")}
    theirs = {p.name: p.read_bytes() for p in (Path(source) / name).glob("*.ipynb")}
    return mine == theirs and (course.root / "release" / name).is_dir()


def _has_record(submission, root, notebooks, limits):
    path = worker.record_path(root, submission.student, submission.assignment)
    if not path.exists():
        return False
    source = root / "source" / submission.assignment / f"{notebooks[submission.assignment]}.ipynb"
    record = json.loads(path.read_text())
    return record.get("fingerprint") == fingerprint(submission, source, limits.submission)


def _read(root, submission):
    return json.loads(worker.record_path(root, submission.student, submission.assignment).read_text())


def _renew(course, name, record):
    """Write feedback and record again where marks were given by hand since."""
    if record["marks"] and record["marks"] != course.marks(record["student"], record["assignment"], name):
        worker.finish(course, name, record)


def _run(waiting, total, folder, root, limits, locked_in, jobs):
    """Grade what is waiting, so many at a time."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # one thread can be forked safely
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    waiting, running, free = list(waiting)[::-1], [], list(range(jobs))
    bar = tqdm(total=total, initial=total - len(waiting), unit="submission", desc="Grading")
    try:
        while waiting or running:
            while waiting and free:
                number = free.pop()
                running.append(Running(context, waiting.pop(), folder, root, limits, number, locked_in))
            for one in [one for one in running if one.over()]:
                running.remove(one)
                free.append(one.number)
                if problem := one.stop():
                    _record_failure(root, one.submission, problem)
                bar.update()
            time.sleep(0.02)
    finally:
        for one in running:
            one.stop()
        bar.close()


def _record_failure(root, submission, problem):
    """Keep a record of a submission that could not be graded; the next run tries again."""
    record = {
        "student": submission.student,
        "assignment": submission.assignment,
        "status": "failed",
        "notes": [*submission.notes, problem],
        "fingerprint": None,
        "marks": [],
    }
    path = worker.record_path(root, submission.student, submission.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1))


def write_marks(records, path):
    """Write the CSV: a row a submission."""
    columns = ["student", "assignment", "status", "score", "max_score", "by_hand", "remarks", "cells"]
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for record in sorted(records, key=lambda r: (r["assignment"], r["student"])):
            marks = record["marks"]
            table.writerow(
                [
                    harmless(record["student"]),
                    record["assignment"],
                    record["status"],
                    sum(mark["score"] for mark in marks),
                    sum(mark["max_score"] for mark in marks),
                    " ".join(mark["cell"] for mark in marks if mark["by_hand"]),
                    harmless("; ".join(record["notes"])),
                    " ".join(f"{mark['cell']}={mark['score']:g}/{mark['max_score']:g}" for mark in marks),
                ]
            )


def harmless(text):
    """Return a text that a spreadsheet does not take for a formula, nor breaks a line."""
    text = " ".join(str(text).split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
