"""The tables of lost digits, from ``benchmarks/accuracy.json``, which ``make accuracy`` writes."""

import json
import math
from itertools import pairwise
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

EPS = 2.0**-52
TIMES = [f"10{power}" for power in ("⁻³", "⁻²", "⁻¹", "⁰", "¹", "²", "³")]


def digits(error):
    """Say how many decimal digits an error in units of eps costs."""
    return f"{max(0.0, math.log10(error)):.1f}" if error else "0.0"


def times(error):
    """Say a multiple of eps to two digits."""
    return f"{error:.2g}"


def table(head, rows):
    """Return rows of cells as a table in Markdown, numbers to the right."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def points_rows(found):
    """Return the table of methods: results, digits lost, and the error beside the condition."""
    head = ["method", "results"] + [
        f"{what}, {part}"
        for what in ("digits lost", "eps beside condition")
        for part in ("median", "99 %", "worst")
    ]
    return head, [
        [
            f"`{method}`",
            str(row["results"]),
            *map(digits, row["error"]),
            *map(times, row["beyond"]),
        ]
        for method, row in found["points"].items()
    ]


def times_rows(found):
    """Return the table of methods by time: the digits lost, median and 99 %."""
    head = ["method"] + [f"{start} to {end}" for start, end in pairwise(TIMES)]
    return head, [
        [
            f"`{method}`",
            *(f"{digits(m)} / {digits(most)}" for m, most, _ in row["by_time"]),
        ]
        for method, row in found["points"].items()
    ]


def averages_rows(found):
    """Return the table of averages: the true error, the stated one, and how often the first is greater."""
    head = ["average", "laws"] + [
        f"{what} error, {part}"
        for what in ("true", "stated")
        for part in ("median", "99 %", "worst")
    ]
    return [*head, "true > stated"], [
        [
            f"`{method}`",
            str(row["results"]),
            *(f"{EPS * e:.0e}" for e in (*row["error"], *row["stated"])),
            str(row["exceeded"]),
        ]
        for method, row in found["averages"].items()
    ]


def made(found):
    """Return a sentence on what was compared, and with which versions."""
    results = sum(row["results"] for row in found["points"].values())
    versions = ", ".join(
        f"{name} {version}" for name, version in found["versions"].items()
    )
    return [
        f"Compared here: {results} results at points of {found['laws']} random laws, and the averages of "
        f"{found['lines']} laws on a line ({versions})."
    ]


TABLES = {
    "points": points_rows,
    "times": times_rows,
    "averages": averages_rows,
}


class AccuracyDirective(SphinxDirective):
    """One table, ``points``, ``times`` or ``averages``; or the sentence ``made``."""

    required_arguments = 1

    def run(self):
        """Write it in Markdown and have it read."""
        path = Path(self.env.srcdir, "benchmarks", "accuracy.json")
        self.env.note_dependency(str(path))
        found = json.loads(path.read_text(encoding="utf-8"))
        name = self.arguments[0]
        if name != "made" and name not in TABLES:
            raise self.error(
                f"write `made`, {', '.join(f'`{t}`' for t in TABLES)} after {{accuracy}}, not `{name}`"
            )
        lines = made(found) if name == "made" else table(*TABLES[name](found))
        container = nodes.Element()
        self.state.nested_parse(
            StringList(lines, str(path)), self.content_offset, container
        )
        for grid in container.findall(nodes.table):
            grid["classes"].append("digits")
        return container.children


def setup(app):
    """Connect the directive."""
    app.add_directive("accuracy", AccuracyDirective)
    return {
        "version": "1",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
