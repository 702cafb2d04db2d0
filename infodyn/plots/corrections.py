"""Pictures of the page of corrections."""

import matplotlib.pyplot as plt
import numpy as np

from infodyn.plots.style import COLORS

__all__ = ["peaks_and_fork"]


def peaks_and_fork(t, curves, peaks, fork):
    """Draw curves that announce a decision, each scaled to height 1, and the fork they announce.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    curves : dict
        Name to an array (T,): two rates and a variance.
    peaks : sequence of float
        Time of each curve's peak.
    fork : float
        Time at which the fixed point between loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    styles = zip(("rate", "other", "entropy"), ("-", "--", "-."), ("o", "s", "D"), strict=True)
    for (name, values), peak, (color, line, marker) in zip(curves.items(), peaks, styles, strict=True):
        axes.semilogx(t, values / np.max(values), line, color=COLORS[color], label=f"{name}: {peak:.3f}")
        axes.plot(peak, 1, marker, color=COLORS[color])
    axes.axvline(fork, ls=":", color=COLORS["bound"])
    axes.annotate(f" fork: {fork:.3f}", (fork, 0.06), color=COLORS["bound"])
    axes.set(xlabel="$t$", ylabel="relative to the peak", ylim=(0, 1.1))
    ticks = [0.25, 0.5, 1, 2, 4]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend(title="peak at $t$ =")
    return figure
