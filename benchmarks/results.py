"""What was measured, as the file that ``make bench`` writes and the book reads."""

import json
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).with_name("results.json")


class Measured(NamedTuple):
    """What stands beside a goal.

    Attributes
    ----------
    value : float or None
        None where the thing measured is not there.
    peers : dict
        Name of each peer to the same quantity for it.
    note : str
        What the reader must know to judge the value.
    beyond : bool
        Whether the true value lies beyond this one, which is as far as was measured.
    """

    value: float | None
    peers: dict = {}  # noqa: RUF012
    note: str = ""
    beyond: bool = False


class Findings(NamedTuple):
    """What a task found.

    Attributes
    ----------
    measured : dict
        Name of a goal to :class:`Measured`.
    times : dict
        Name of a race to the :class:`measure.Times` of its contestants.
    curves : dict
        Name of a panel to the errors and seconds of each method.
    laws : list of dict
        Cost growth: what grows with what, the sizes, the seconds, the fitted power law.
    """

    measured: dict = {}  # noqa: RUF012
    times: dict = {}  # noqa: RUF012
    curves: dict = {}  # noqa: RUF012
    laws: list = []  # noqa: RUF012


def together(findings):
    """Put the findings of several tasks together, ready to be written."""
    return {
        "measured": {k: v._asdict() for found in findings for k, v in found.measured.items()},
        "times": {
            race: {name: times._asdict() for name, times in contestants.items()}
            for found in findings
            for race, contestants in found.times.items()
        },
        "curves": {k: v for found in findings for k, v in found.curves.items()},
        "laws": [law for found in findings for law in found.laws],
    }


def write(results, path=PATH):
    """Write results."""
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path=PATH):
    """Read results."""
    return json.loads(path.read_text(encoding="utf-8"))
