"""The ledger: every equation and claim of the paper beside the checks that ran when the book was built.

What a row says is written in ``book/ledger.toml``. What was compared, how often and how closely comes
from the notebooks: each ends with ``checks.report()``, whose output carries all checks of its page.
The directive ``{ledger}`` puts the two together, and a build in which they do not fit complains.
"""

import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from jupyter_cache import get_cache
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

PAGE = "book/ledger"
EQUATIONS = range(1, 101)
#: What a row may say, with the words of the summary.
STATUSES = {
    "definition": "definitions",
    "holds": "that hold",
    "holds if": "that hold under a condition",
    "corrected": "corrected",
}
NOTES_SHOWN = 3
#: Parts of a note that only say at which time or size.
VALUE = r"\w+ = [\d.e+\-]+|(?:in )?standard errors"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

logger = logging.getLogger(__name__)


class Ran(NamedTuple):
    """One check that ran: its page and its label, and what it found (see ``infodyn.checks.Record``)."""

    page: str
    label: str
    note: str
    discrepancy: float
    relative: float
    rtol: float
    atol: float


class Ledger(NamedTuple):
    """The rows of ``book/ledger.toml``."""

    equations: list
    claims: list

    @classmethod
    def read(cls, path):
        rows = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return cls(rows["equation"], rows["claim"])


def reported(notebook):
    """Return the checks that an executed notebook reports, as dicts."""
    outputs = [
        output for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    return [
        record
        for output in outputs
        for record in output.get("metadata", {}).get("infodyn", [])
    ]


def checks_of(env):
    """Return every check that ran on the book's pages, in the order of the pages' names.

    The outputs come from the cache of executed notebooks: the copies beside the site lose them as soon
    as a notebook needs no execution.
    """
    cache = get_cache(env.config.nb_execution_cache_path)
    found = []
    for page in sorted(env.found_docs):
        path = Path(env.doc2path(page))
        if path.suffix != ".ipynb":
            continue
        try:
            _, notebook = cache.merge_match_into_notebook(
                nbformat.read(path, as_version=4)
            )
        except KeyError:  # its execution failed, and the build says so
            continue
        for record in reported(notebook):
            found.append(
                Ran(
                    page.rpartition("/")[-1],
                    record["equation"],
                    record["note"],
                    record["discrepancy"],
                    record["relative"],
                    record["rtol"],
                    record["atol"],
                )
            )
    return found


def problems(ledger, ran, targets):
    """Say, in one sentence each, where rows, checks and targets do not fit.

    Parameters
    ----------
    ledger : Ledger
        The rows.
    ran : list of Ran
        The checks.
    targets : collection of str
        All that a link may lead to.

    Returns
    -------
    list of str
    """
    said = []
    labels = {check.label for check in ran}
    numbers = Counter(row["number"] for row in ledger.equations)
    for number in EQUATIONS:
        if number not in numbers:
            said.append(
                f"equation ({number}) has no row in ledger.toml: add one"
            )
        if str(number) not in labels:
            said.append(
                f"equation ({number}) has no check: write check({number}, ...) where it is derived"
            )
        if f"eq-{number}" not in targets:
            said.append(
                f"equation ({number}) has no target: write (eq-{number})= before it"
            )
    said += [
        f"equation ({number}) has {count} rows: keep one"
        for number, count in numbers.items()
        if count > 1
    ]
    said += [
        f"there is no equation ({number})"
        for number in sorted(numbers)
        if number not in EQUATIONS
    ]
    on_page = {(check.page, check.label) for check in ran}
    for claim in ledger.claims:
        if (claim["page"], claim["check"]) not in on_page:
            said.append(
                f"the claim {claim['says']!r} rests on the check {claim['check']!r} of {claim['page']}, "
                "which did not run: mend its page or its label in ledger.toml"
            )
    for row in ledger.equations + ledger.claims:
        name = f"({row['number']})" if "number" in row else repr(row["says"])
        if row["status"] not in STATUSES:
            said.append(
                f"the status of {name} is {row['status']!r}: it must be one of {', '.join(STATUSES)}"
            )
        elif row["status"] in ("holds if", "corrected") and "but" not in row:
            said.append(
                f"the status of {name} is {row['status']!r}: say in `but` what holds"
            )
        if row["status"] == "corrected" and "why" not in row:
            said.append(f"{name} is corrected: name the correction in `why`")
        if row.get("why", "") and row["why"] not in targets:
            said.append(
                f"the target {row['why']} of the row {name} is nowhere in the book"
            )
    return said


def other_checks(ledger, ran):
    """Return the checks that no row asks for."""
    asked = {(claim["page"], claim["check"]) for claim in ledger.claims}
    numbers = {str(number) for number in EQUATIONS}
    return [
        check
        for check in ran
        if check.label not in numbers and (check.page, check.label) not in asked
    ]


def plain(text):
    """Return Markdown that shows the text as it stands."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|$~^&])", r"\\\1", text)


def decimal(number):
    """Return a number with one digit, such as 3·10⁻¹³."""
    if 0.01 <= number < 100:
        return f"{number:.2g}"
    digit, exponent = f"{number:.0e}".split("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    return power if digit == "1" else f"{digit}·{power}"


def closeness(ran):
    """Say how far apart the two routes of some checks were at most.

    Relative where that is within the relative tolerance; in standard errors where the note says so; else beside
    the absolute difference that the check allows. Where only both tolerances together allow it: absolute.
    """
    greatest = {}
    for check in ran:
        if "standard errors" in check.note:
            kind, size = "standard errors", check.discrepancy
        elif check.atol == 0 or check.relative <= check.rtol:
            kind, size = "relative", check.relative
        elif check.discrepancy <= check.atol:
            kind, size = f"of {decimal(check.atol)} allowed", check.discrepancy
        else:
            kind, size = "absolute", check.discrepancy
        if size > greatest.get(kind.split()[0], ("", 0.0))[1]:
            greatest[kind.split()[0]] = kind, size
    said = [f"{decimal(size)} {kind}" for kind, size in greatest.values()]
    return "; ".join(said) or "no difference"


def compared(ran):
    """Say what some checks compared: their notes without times and sizes, those of one text together."""
    notes = defaultdict(dict)
    for check in ran:
        example, _, text = check.note.rpartition(": ")
        parts = text.split(", ")
        telling = [part for part in parts if not re.fullmatch(VALUE, part)]
        notes[", ".join(telling or parts)][example] = None
    said = [
        text + (f" ({', '.join(examples)})" if any(examples) else "")
        for text, examples in notes.items()
        if text
    ]
    if len(said) > NOTES_SHOWN + 1:
        said[NOTES_SHOWN:] = [f"and {len(said) - NOTES_SHOWN} more"]
    return plain("; ".join(said))


def status(row):
    """Return the last cell of a row: its status, what holds instead, and the way to why."""
    said = row["status"]
    if "but" in row:
        joint = " " if said == "holds if" else ": "
        said = f"**{said}**{joint}{row['but']}"
    return said + (f" ({{ref}}`why <{row['why']}>`)" if "why" in row else "")


def equation_rows(ledger, ran, homes, first, last):
    """Return the rows of the equations from the first to the last; checks of the home page come first."""
    rows = [
        ("Eq.", "It says", "Compared", "Checks, greatest discrepancy", "Status")
    ]
    for row in sorted(ledger.equations, key=lambda row: row["number"]):
        number = row["number"]
        if first <= number <= last:
            own = [check for check in ran if check.label == str(number)]
            own.sort(key=lambda check: check.page != homes.get(f"eq-{number}"))
            figures = f"{len(own)}: {closeness(own)}" if own else "none"
            link = f"{{ref}}`({number}) <eq-{number}>`"
            rows.append(
                (link, row["says"], compared(own), figures, status(row))
            )
    return rows


def claim_rows(ledger, ran):
    """Return the rows of the claims."""
    rows = [
        ("Section", "The paper's claim, in our words", "Verdict", "Settled by")
    ]
    for row in ledger.claims:
        own = [
            check
            for check in ran
            if (check.page, check.label) == (row["page"], row["check"])
        ]
        label = f"({row['check']})" if row["check"].isdigit() else row["check"]
        where = f"{{doc}}`/book/{row['page']}`, check {plain(label)}: {closeness(own)}"
        rows.append((row["section"], row["says"], status(row), where))
    return rows


def other_rows(ledger, ran):
    """Return the rows of the checks that no row asks for, one for each label of a page."""
    groups = defaultdict(list)
    for check in other_checks(ledger, ran):
        groups[check.page, check.label].append(check)
    rows = [("Page", "Label", "Compared", "Checks, greatest discrepancy")]
    for (page, label), own in groups.items():
        figures = f"{len(own)}: {closeness(own)}"
        rows.append(
            (f"{{doc}}`/book/{page}`", plain(label), compared(own), figures)
        )
    return rows


def table(rows, kind):
    """Return rows of cells as a table in MyST Markdown."""
    lines = [
        "```{list-table}",
        f":class: ledger ledger-{kind}",
        ":header-rows: 1",
        "",
    ]
    for row in rows:
        lines += [
            f"{'  ' if k else '* '}- {cell}" for k, cell in enumerate(row)
        ]
    return [*lines, "```"]


def count(rows):
    """Say how many rows have each status."""
    numbers = Counter(row["status"] for row in rows)
    return ", ".join(
        f"{numbers[status]} {words}"
        for status, words in STATUSES.items()
        if numbers[status]
    )


def summary(ledger, ran):
    """Return a paragraph that counts what the tables hold."""
    checked = {str(number) for number in EQUATIONS} & {
        check.label for check in ran
    }
    pages = {check.page for check in ran}
    return [
        f"When this book was built, **{len(ran)} checks** ran on {len(pages)} pages, and every one passed. "
        f"**{len(checked)} of the {len(EQUATIONS)} equations** have a check: {count(ledger.equations)}. "
        f"So have **{len(ledger.claims)} claims** in the paper's prose: {count(ledger.claims)}."
    ]


class LedgerDirective(SphinxDirective):
    """One table of the ledger: ``equations 1-4``, ``claims``, ``others``; or the ``summary``."""

    required_arguments = 1
    optional_arguments = 1

    def run(self):
        """Write the table in Markdown and have it read."""
        path = ledger_path(self.env)
        self.env.note_dependency(str(path))
        if "infodyn_checks" not in self.env.temp_data:
            self.env.temp_data["infodyn_checks"] = checks_of(self.env)
        ledger, ran = Ledger.read(path), self.env.temp_data["infodyn_checks"]
        match self.arguments:
            case ["equations", span]:
                rows = equation_rows(
                    ledger, ran, homes(self.env), *map(int, span.split("-"))
                )
                lines = table(rows, "equations")
            case ["claims"]:
                lines = table(claim_rows(ledger, ran), "claims")
            case ["others"]:
                lines = table(other_rows(ledger, ran), "others")
            case ["summary"]:
                lines = summary(ledger, ran)
            case _:
                raise self.error(
                    "write `equations 1-4`, `claims`, `others` or `summary` "
                    f"after {{ledger}}, not `{' '.join(self.arguments)}`"
                )
        container = nodes.Element()
        self.state.nested_parse(
            StringList(lines, str(path)), self.content_offset, container
        )
        return container.children


def ledger_path(env):
    """Return where the rows are written."""
    return Path(env.srcdir, PAGE).with_suffix(".toml")


def homes(env):
    """Return the page of each target of the book."""
    known = env.get_domain("std")
    places = {**known.labels, **known.anonlabels}
    return {
        target: place[0].rpartition("/")[-1] for target, place in places.items()
    }


def read_again(app, env, added, changed, removed):
    """Read the ledger again when any page changed."""
    return [PAGE] if added | changed | removed else []


def read_last(app, env, docnames):
    """Read the ledger when every notebook has been executed and every target is known."""
    if PAGE in docnames:
        docnames.remove(PAGE)
        docnames.append(PAGE)


def complain(app, env):
    """Warn of all that does not fit; the book is built with warnings as errors."""
    if PAGE in env.found_docs:
        for sentence in problems(
            Ledger.read(ledger_path(env)), checks_of(env), homes(env)
        ):
            logger.warning("ledger: %s", sentence, location=PAGE)


def setup(app):
    """Connect the directive and the hooks."""
    app.add_directive("ledger", LedgerDirective)
    app.connect("env-get-outdated", read_again)
    app.connect("env-before-read-docs", read_last)
    app.connect("env-check-consistency", complain)
    return {
        "version": "1",
        "parallel_read_safe": False,
        "parallel_write_safe": True,
    }
