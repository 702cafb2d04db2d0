"""The page of benchmarks: what ``make bench`` measured, as tables and as a picture.

Nothing is measured while the book is built; the directive ``{yardsticks}`` reads the file of results.
"""

import os
import sys
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from ledger import plain, table
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import picture, report, results  # noqa: E402

HEADS = {
    "goals": (
        "Task",
        "Measured",
        "Result",
        "Goal",
        "Verdict",
        "Peers, and notes",
    ),
    "missed": ("Task", "Measured", "Result", "Why, and what was tried"),
    "laws": ("Cost of", "With the", "To the power", "Sizes"),
    "times": ("Race", "Contestant", "CPU s", "Wall s", "Differs by"),
}
ROWS = {
    "goals": report.rows,
    "missed": report.missed_rows,
    "laws": report.law_rows,
    "times": report.time_rows,
}


def figure(found, folder, source):
    """Draw the picture into a folder; returns the lines that show it, with its description."""
    path = Path(folder, "work_precision.svg")
    picture.draw(found, path)
    said = picture.in_words(found)
    return [
        f":::{{figure}} /{os.path.relpath(path, source)}",
        f":alt: {picture.ALT} {said}",
        "",
        f"{picture.CAPTION} {said}",
        ":::",
    ]


class Yardsticks(SphinxDirective):
    """One part of the page: ``summary``, ``goals``, ``missed``, ``picture``, ``laws``, ``machine``, ``times``."""

    required_arguments = 1

    def run(self):
        """Write the part in Markdown and have it read."""
        for path in (
            results.PATH,
            report.REASONS,
            report.__file__,
            picture.__file__,
        ):
            self.env.note_dependency(str(path))
        found = results.read()
        match self.arguments[0]:
            case "summary":
                lines = [report.summary(found)]
            case "picture":
                folder = Path(self.env.app.outdir).parent / "benchmarks"
                lines = figure(found, folder, self.env.srcdir)
            case "machine":
                lines = [
                    f"- {name}: {value}"
                    for name, value in found["machine"].items()
                ]
            case part if part in ROWS:
                rows = [map(plain, row) for row in ROWS[part](found)]
                lines = table([HEADS[part], *rows], part)
            case part:
                raise self.error(
                    "write `summary`, `goals`, `missed`, `picture`, `laws`, `machine` or `times` "
                    f"after {{yardsticks}}, not `{part}`"
                )
        # Its class gives the picture the white card of the notebooks' figures.
        container = nodes.container(classes=["cell_output"])
        self.state.nested_parse(
            StringList(lines, str(results.PATH)), self.content_offset, container
        )
        return [container]


def setup(app):
    """Connect the directive."""
    app.add_directive("yardsticks", Yardsticks)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
