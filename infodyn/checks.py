"""Two routes to one quantity, side by side."""

from typing import NamedTuple

import numpy as np


class Record(NamedTuple):
    """What one call of :func:`check` found.

    Attributes
    ----------
    equation : str
        The paper's number of the equation, or a short name.
    note : str
        What was compared.
    size : int
        How many numbers were compared.
    discrepancy : float
        The greatest ``|left - right|``.
    relative : float
        The greatest ``|left - right| / |right|`` (0 where both are 0).
    rtol, atol : float
        The tolerances that were asked for.
    """

    equation: str
    note: str
    size: int
    discrepancy: float
    relative: float
    rtol: float
    atol: float


class Disagreement(AssertionError):
    """Two routes to one quantity gave different numbers."""


#: Every check of this process, in order.
records: list[Record] = []


def check(equation, left, right, rtol=1e-9, atol=0.0, note=""):
    r"""Compare two routes to one quantity; print one line, or raise.

    Passes when :math:`|l - r| \le \mathrm{atol} + \mathrm{rtol}\,|r|` for every entry. The discrepancy
    that was reached is appended to :data:`records`.

    Parameters
    ----------
    equation : int or str
        The paper's number of the equation, such as ``19``, or a short name.
    left, right : array_like or Estimate
        The two routes, of one shape; of an ``Estimate`` the value is taken.
    rtol, atol : float
        Relative and absolute tolerance.
    note : str
        A few words on what is compared.

    Raises
    ------
    Disagreement
        When an entry differs by more than the tolerance, or is not finite.
        The message holds both values and their difference.
    ValueError
        When the two routes differ in shape or are empty, or a tolerance is negative.

    Examples
    --------
    >>> check("log 4", np.log(4), 2 * np.log(2))
    (log 4) 1.38629 = 1.38629 to rtol 1e-09
    """
    left, right = np.asarray(_value(left), float), np.asarray(_value(right), float)
    if left.shape != right.shape:
        raise ValueError(
            f"check({equation}): the two routes must have one shape, "
            f"but left is {left.shape} and right is {right.shape}; index or reshape one of them"
        )
    if left.size == 0:
        raise ValueError(f"check({equation}): got no numbers; pass at least one")
    if not (rtol >= 0 and atol >= 0):
        raise ValueError(f"check({equation}): tolerances must be >= 0, got {rtol=}, {atol=}")

    with np.errstate(invalid="ignore"):
        gap = np.abs(left - right)
        excess = gap - (atol + rtol * np.abs(right))
    if not np.all(excess <= 0):
        worst = np.unravel_index(np.argmax(np.where(np.isnan(excess), np.inf, excess)), gap.shape)
        where = f" at index {tuple(map(int, worst))}" if gap.ndim else ""
        raise Disagreement(
            f"({equation}) {note + ': ' if note else ''}the routes disagree{where}: "
            f"left {float(left[worst])!r}, right {float(right[worst])!r}, difference {gap[worst]:.3g}, "
            f"allowed {atol + rtol * abs(right[worst]):.3g}"
        )
    relative = gap / np.where(gap == 0, 1.0, np.maximum(np.abs(right), np.finfo(float).tiny))
    record = Record(str(equation), note, gap.size, float(gap.max()), float(relative.max()), rtol, atol)
    records.append(record)
    print(_line(record, left, right))


class Report:
    """The checks so far. At the end of a notebook they travel with it, into the book's ledger."""

    def __repr__(self):
        return f"{len(records)} checks on this page, every one passed"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self)}, {"infodyn": [record._asdict() for record in records]}


def report():
    """Say how many checks have run; as the last line of a notebook, hand them to the book's ledger.

    Returns
    -------
    Report
        Shown as one line. The records are in the output's metadata.

    Examples
    --------
    >>> records.clear()
    >>> report()
    0 checks on this page, every one passed
    """
    return Report()


def _value(route):
    return getattr(route, "value", route)


def _line(record, left, right):
    """One line that is the same on every machine: no digits beyond the tolerance."""
    tolerance = [f"{name} {tol:.0e}" for name, tol in (("rtol", record.rtol), ("atol", record.atol)) if tol]
    if record.size == 1:
        six_digits = record.atol + record.rtol * abs(right.item()) <= 1e-7 * abs(right.item())
        numbers = f"{left.item():.6g} = {right.item():.6g}" if six_digits else "the two values agree"
    else:
        numbers = f"{record.size} values agree"
    note = f" {record.note}:" if record.note else ""
    return f"({record.equation}){note} {numbers} to {' + '.join(tolerance) or 'the last digit'}"
