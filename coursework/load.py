"""Grade two hundred submissions; say how long one takes and how much memory all of it."""

import contextlib
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

from coursework.course import SOURCE, Course, assignments
from coursework.grade import grade
from coursework.samples import filled_in, together, wrong_answers

STUDENTS = 200
ASSIGNMENT = "1_questions"


class Memory(threading.Thread):
    """The greatest memory of this process and all its descendants; what they share counts once."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0

    def run(self):
        """Look twice a second."""
        while True:
            total = 0
            me = psutil.Process()
            for process in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
            self.peak = max(self.peak, total)
            time.sleep(0.5)


def load():
    """Make the submissions, solved and with wrong answers in turn, and grade them."""
    memory = Memory()
    memory.start()
    with tempfile.TemporaryDirectory() as place:
        folder, name = Path(place) / "submissions", assignments()[ASSIGNMENT]
        course = Course(place)
        course.release([ASSIGNMENT])
        source = nbformat.read(SOURCE / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        kinds = [{}] + [
            {key: text for wrong in group for key, text in wrong["cells"].items()}
            for group in together(wrong_answers(ASSIGNMENT))
        ]
        for number in range(STUDENTS):
            student = f"student{number:03}"
            (folder / student).mkdir(parents=True)
            notebook = filled_in(
                course.released(ASSIGNMENT, name), student, source, kinds[number % len(kinds)]
            )
            nbformat.write(notebook, folder / student / f"{name}.ipynb")
        start = time.monotonic()
        records = grade(folder, Path(place) / "graded")
        seconds = time.monotonic() - start
    assert all(record["status"] == "graded" for record in records)
    assert len(records) == STUDENTS
    print(f"{STUDENTS} submissions in {seconds:.0f} s: {seconds / STUDENTS:.2f} s each")
    print(f"greatest memory of the whole: {memory.peak / 2**20:.0f} MB")
