"""The picture of work and precision: error against CPU time."""

import matplotlib as mpl
import matplotlib.pyplot as plt

from benchmarks.report import number
from infodyn.plots.style import COLORS, STYLE

#: How each route is drawn: colour, marker, line.
LOOK = {
    "infodyn": ("entropy", "o", "-"),
    "Gauss–Hermite": ("rate", "s", "--"),
    "SciPy's cubature": ("score", "D", "-."),
    "Monte Carlo": ("bound", "^", ":"),
}
CAPTION = (
    "Greatest relative error of entropy, rate and variance against CPU time, for two sets of points at two "
    "times: a line a route, a mark a setting of it. The thin line is the goal."
)
ALT = (
    "Four panels with logarithmic axes, two points above and five points of the plane below, at a small time "
    "on the left and a medium one on the right. In each a line for every route falls from great errors at "
    "short times to small ones at long times."
)
NAMES = {"two": "two points", "plane": "five points in 2-D"}
WANTED, LEAST = 1e-6, 1e-16


def needed(curve):
    """CPU seconds of the cheapest run that is accurate enough; None if none is."""
    good = [s for s, e in zip(curve["seconds"], curve["error"], strict=True) if e <= WANTED]
    return min(good, default=None)


def title(panel):
    """A panel's name in words."""
    name, time = panel.split(", ")
    return f"{NAMES[name]}, {time}"


def in_words(results):
    """What the picture shows, for those who do not see it."""
    said = []
    for panel, curves in results["curves"].items():
        costs = {route: needed(curve) for route, curve in curves.items()}
        each = [
            f"{route} {'does not reach it' if cost is None else f'{number(cost)} s'}"
            for route, cost in costs.items()
        ]
        said.append(f"{title(panel)}: {', '.join(each)}")
    return f"CPU time for a relative error of {number(WANTED)}: " + "; ".join(said) + "."


def work_precision(results):
    """Draw error against CPU time, a line a route, a panel a set of points and a time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(2, 2, figsize=(7.2, 6.0), sharex=True, sharey=True)
        for axes, (panel, curves) in zip(panels.flat, results["curves"].items(), strict=True):
            for route, curve in curves.items():
                color, marker, line = LOOK[route]
                shown = [max(error, LEAST) for error in curve["error"]]
                axes.loglog(curve["seconds"], shown, line, marker=marker, color=COLORS[color], label=route)
            axes.axhline(WANTED, color=COLORS["data"], lw=1)
            axes.set(title=title(panel))
        for axes in panels[1]:
            axes.set_xlabel("CPU time  [s]")
        for axes in panels[:, 0]:
            axes.set_ylabel("greatest relative error")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(LOOK))
    return figure


def draw(results, path):
    """Write the picture as an SVG file, the same bytes for the same results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        figure = work_precision(results)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
