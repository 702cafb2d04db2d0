"""Self-checks for the exercises, and numbers of one's own for the assignments.

The answers are in `infodyn.answers`: each is computed by the package when it is asked for.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from infodyn.answers import ANSWERS

SLIPS = {
    "the sign is the other one": lambda x: -x,
    "nats and bits are mixed up": lambda x: x / np.log(2),
    "nats and bits are mixed up, the other way round": lambda x: x * np.log(2),
    "a factor of two is missing": lambda x: x / 2,
    "a factor of two is too much": lambda x: 2 * x,
    "there is a square where there should be none, σ² for σ": lambda x: np.sign(x) * x**2,
    "a square is missing, σ for σ²": lambda x: np.sign(x) * np.sqrt(np.abs(x)),
}


@dataclass(frozen=True)
class Verdict:
    """What a self-check says; true if the answer is right.

    Parameters
    ----------
    kind : {"right", "nearly right", "wrong", "no answer yet"}
    hint : str
        For an answer that is nearly right, the slip; for one that cannot be compared, the reason.
    """

    kind: str
    hint: str = ""

    def __bool__(self):
        return self.kind == "right"

    def __repr__(self):
        return f"{self.kind}: {self.hint}" if self.hint else self.kind


def check(exercise, answer):
    """Tell whether an answer is right, nearly right or wrong, without giving the right one away.

    Parameters
    ----------
    exercise : str
        Its number, "<chapter>.<exercise>", for instance "3.2".
    answer : float, array_like, Estimate, bool or str
        Numbers may be rounded to three digits; an array of shape (n, 1) counts as (n,). Dots stand for
        an answer that is still to be found.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        When there is no self-check of this number.

    Examples
    --------
    >>> check("3.2", 1.5)
    wrong
    """
    if exercise not in ANSWERS:
        known = ", ".join(sorted(ANSWERS, key=_order))
        raise ValueError(
            f'there is no self-check for {exercise!r}: expected "<chapter>.<exercise>", one of {known}'
        )
    known = ANSWERS[exercise]
    if answer is ...:
        return Verdict("no answer yet", "write yours in the place of the dots")
    right = known.compute()
    if isinstance(right, str):
        return Verdict("right" if str(answer).strip().casefold() == right.casefold() else "wrong")
    return compare(answer, right, known.rtol)


def compare(answer, right, rtol):
    """Compare numbers with the right ones, and with what the usual slips make of them.

    Parameters
    ----------
    answer, right : float, array_like or Estimate
    rtol : float
        Greatest relative error; zero for what is to be counted.

    Returns
    -------
    Verdict
    """
    try:
        given = np.asarray(getattr(answer, "value", answer), dtype=float)
    except (TypeError, ValueError):
        return Verdict("wrong", f"a number or an array of numbers is asked for, not {type(answer).__name__}")
    right = np.asarray(getattr(right, "value", right), dtype=float)
    if given.ndim == right.ndim + 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if given.shape != right.shape:
        asked = f"{right.size} numbers are" if right.ndim else "one number is"
        return Verdict("wrong", f"{asked} asked for, and this has the shape {given.shape}")
    if _close(given, right, rtol):
        return Verdict("right")
    for hint, slip in SLIPS.items():
        if not _close(slip(right), right, 4 * rtol) and _close(given, slip(right), rtol):
            return Verdict("nearly right", hint)
    return Verdict("wrong")


def _close(given, wanted, rtol):
    return bool(np.all(np.abs(given - wanted) <= rtol * np.abs(wanted) + 1e-12))


def _order(exercise):
    return [int(part) for part in exercise.split(".")]


def agrees(x, y, rtol=1e-6):
    """Return whether two answers are the same numbers; axes of length one do not count.

    Parameters
    ----------
    x, y : float, array_like or Estimate
    rtol : float
        Greatest difference, as a share of the greatest number in `y`.

    Returns
    -------
    bool

    Examples
    --------
    >>> agrees([[1.0], [2.0]], [1, 2]), agrees([1, 2], [2, 1])
    (True, False)
    """
    x, y = (np.squeeze(np.asarray(getattr(v, "value", v), dtype=float)) for v in (x, y))
    return x.shape == y.shape and bool(np.all(np.abs(x - y) <= rtol * np.max(np.abs(y), initial=0) + 1e-12))


def personal(student, assignment, what, choices):
    """Choose one of several parameters by the student's id: the same on every machine, for ever.

    The choice is number ``n mod len(choices)``, where n is the SHA-256 digest of the text
    ``"<assignment>/<student>/<what>"`` read as one number, first byte first. The id counts without
    regard to case and to blanks around it.

    Parameters
    ----------
    student, assignment, what : str
        Who, in which assignment, and which of its parameters.
    choices : sequence
        What there is to choose from.

    Returns
    -------
    object
        One of the choices.

    Raises
    ------
    ValueError
        When no id is given.

    Examples
    --------
    >>> personal("s1234", "questions", "weight", [3, 5, 7, 9])
    3
    """
    name = str(student).strip().casefold()
    if not name:
        raise ValueError('the id is empty: write yours between the quotation marks, STUDENT = "..."')
    digest = hashlib.sha256(f"{assignment}/{name}/{what}".encode()).digest()
    return choices[int.from_bytes(digest, "big") % len(choices)]
