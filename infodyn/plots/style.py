"""One colour a quantity, one look a book."""

import matplotlib as mpl
from cycler import cycler

#: The colour of each quantity, the same in every chapter (Okabe-Ito, safe for colour-blind eyes).
COLORS = {
    "entropy": "#0072B2",
    "rate": "#D55E00",
    "score": "#009E73",
    "posterior": "#CC79A7",
    "noise": "#56B4E9",
    "bound": "#777777",
    "data": "#000000",
    "other": "#E69F00",
}

STYLE = {
    "figure.figsize": (7.2, 3.2),
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=[c for name, c in COLORS.items() if name not in ("bound", "data")]),
    "axes.titlesize": "medium",
    "grid.alpha": 0.25,
    "font.size": 11,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "mathtext.fontset": "cm",
    "savefig.facecolor": "white",
    "svg.hashsalt": "infodyn",
}


def use_style():
    """Set Matplotlib's defaults to the book's."""
    mpl.rcParams.update(STYLE)
