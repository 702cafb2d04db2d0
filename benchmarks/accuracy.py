r"""How many digits of what the package tells can be trusted: ``python -m benchmarks.accuracy``.

Every method at a point, and every average over a law on a line, beside the definition in hundreds of digits.
An error is counted in units of eps = 2.2e-16, relative to the result; for a point also beside the
condition :math:`\kappa`, the relative change of the exact result for a relative change of all numbers given.
A result off by no more than some :math:`(1 + \kappa)` eps is as good as these numbers allow.
"""

import json
from collections import defaultdict
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

import mpmath as mp
import numpy as np
from tqdm import tqdm

import infodyn
from benchmarks.cases import LAWS, LINES, digest, draw, draw_line, queries
from benchmarks.reference import Oracle
from benchmarks.reference_line import averages
from infodyn import diffuse

RESULTS = Path(__file__).with_suffix(".json")
EPS = np.finfo(float).eps
#: Random changes of a law's numbers that tell its condition.
SHAKES = 3
#: Averages below this one are not compared: the reference of a variance is a difference in 60 digits.
UNRESOLVED = 1e-30
#: Results below the first are not asked for, if the package finds them below the second.
FAINT, NEARLY_FAINT = 1e-290, 1e-280
#: Ends of the intervals of time that the table is broken down by.
TIMES = 10.0 ** np.arange(-3, 4)


class Pointwise(NamedTuple):
    """One result at a point: its method, time, error in eps, and condition."""

    method: str
    t: float
    error: float
    condition: float


class Average(NamedTuple):
    """One average: its function, its error and the stated one, both relative and in eps."""

    method: str
    t: float
    error: float
    stated: float


def pointwise(seed):
    """Compare every method at the points of a case."""
    law, process, t = draw(seed)
    return compared(law, process, t, queries(law, diffuse(law, process, t), seed))


def compared(law, process, t, points):
    """Compare every method at points (M, D)."""
    diffused, oracle = diffuse(law, process, t), Oracle(law, process, t, SHAKES)
    rows = []
    for x in points:
        exact, moved = oracle.at(x)
        if law.overlaps:  # no closed form
            del exact["posterior_entropy"]
        for method, truth in exact.items():
            found = getattr(diffused, method)(x)
            triples = [(found, truth, moved[method])]
            if method == "weights":  # each for itself, small ones too
                triples = zip(found, truth, moved[method], strict=True)
            rows += [Pointwise(method, t, *_lost(*triple)) for triple in triples if not _faint(*triple[:2])]
    return rows


def _norm(value):
    return mp.norm(np.ravel(value).tolist())


def _faint(found, truth):
    return _norm(truth) < FAINT and np.linalg.norm(found) < NEARLY_FAINT


def _lost(found, truth, moved):
    """Error in eps and condition, relative to the norm of an array."""
    size = max(_norm(truth), FAINT)
    return float(_norm(np.vectorize(mp.mpf)(found) - truth) / size / EPS), float(_norm(moved) / size)


def along_line(seed):
    """Compare every average of a case."""
    law, positions, direction, process, t = draw_line(seed)
    rows = []
    for method, truth in averages(law, positions, direction, process, t).items():
        value, error = getattr(infodyn, method)(law, process, t)
        if _faint(value, truth) or max(abs(value), abs(truth)) < UNRESOLVED:
            continue
        rows.append(Average(method, t, *(float(e / abs(truth) / EPS) for e in (abs(value - truth), error))))
    return rows


def _spread(values):
    """Median, 99 % and greatest, to two digits."""
    return [float(f"{v:.2g}") for v in np.quantile(values, [0.5, 0.99, 1.0])]


def _by_method(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.method].append(row)
    return groups


def summary(points, lines):
    """Return the tables, as numbers."""
    found = {"points": {}, "averages": {}}
    for method, rows in _by_method(points).items():
        _, t, errors, conditions = map(np.array, zip(*rows, strict=True))
        interval = np.searchsorted(TIMES, t) - 1
        found["points"][method] = {
            "results": len(rows),
            "error": _spread(errors),
            "beyond": _spread(errors / (1 + conditions)),
            "by_time": [_spread(errors[interval == n]) for n in range(len(TIMES) - 1)],
        }
    for method, rows in _by_method(lines).items():
        _, _, errors, stated = map(np.array, zip(*rows, strict=True))
        found["averages"][method] = {
            "results": len(rows),
            "error": _spread(errors),
            "stated": _spread(stated),
            "exceeded": int(np.sum(errors > stated)),
        }
    return found


def _mapped(pool, function, number, what):
    """Rows of the cases 0 to number - 1, under a progress bar."""
    found = tqdm(pool.imap(function, range(number)), total=number, desc=what, unit="law")
    return [row for rows in found for row in rows]


def main():
    """Measure, and write the tables."""
    with Pool() as pool:
        lines = _mapped(pool, along_line, LINES, "averages")
        points = _mapped(pool, pointwise, LAWS, "points")
    made = {"cases": digest(), "laws": LAWS, "lines": LINES}
    made["versions"] = {name: version(name) for name in ("numpy", "scipy", "mpmath")}
    RESULTS.write_text(json.dumps(made | summary(points, lines), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
