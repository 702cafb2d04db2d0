"""Figures of the chapter on Lyapunov exponents."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from infodyn.plots.style import COLORS

#: Colour and line style of paths that end left, and right.
ENDS = {"end left": ("other", "--"), "end right": ("score", "-")}
#: Line styles for curves that share a panel, so that colour is never alone.
STYLES = ("-", "--", "-.", ":")


def _falling_time(axes, times, ticks):
    """A logarithmic axis of time that falls to the right, as generation runs."""
    axes.set(xscale="log", xlim=(max(times), min(times)), xlabel="$t$")
    axes.xaxis.set(major_locator=FixedLocator(ticks), minor_locator=NullLocator())
    axes.set_xticklabels([f"{tick:g}" for tick in ticks])


def trajectory_fan(times, flow, noisy, critical):
    """Draw paths of the probability flow beside paths of the reverse SDE, on their way from noise to data.

    Parameters
    ----------
    times : ndarray, shape (steps,)
        Falling times.
    flow, noisy : ndarray, shape (steps, n)
        Paths in one dimension of the ODE and of the SDE; zero is the separatrix.
    critical : float
        Time at which the centre loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), sharey=True)
    titles = ("probability flow", "reverse SDE")
    for panel, title, paths in zip(axes, titles, (flow, noisy), strict=True):
        right = paths[-1] > 0
        for (label, (shade, style)), chosen in zip(ENDS.items(), (~right, right), strict=True):
            lines = panel.plot(times, paths[:, chosen], color=COLORS[shade], ls=style, lw=1.1)
            for line in lines[:1]:
                line.set_label(label)
        panel.axhline(0, color=COLORS["data"], lw=1.2)
        panel.axvline(critical, color=COLORS["bound"], ls=":", lw=1.5)
        _falling_time(panel, times, (2, 1, 0.5, 0.2))
        panel.set_title(title)
    axes[0].set_ylabel("$x_t$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def parting(times, on_branch, closed_form, parabola, off_branch, critical):
    r"""Draw :math:`\ln|\delta|` of neighbours on the symmetric branch, and of neighbours beside it.

    Parameters
    ----------
    times : tuple of ndarray
        Falling times (T,) for the branch, and (S,) for what is beside it.
    on_branch, closed_form, parabola : ndarray, shape (T,)
        Log growth since the critical time: of two paths, by the formula, and just below the critical time.
    off_branch : dict
        Label to the log growth (S,) since the first time.
    critical : float
        Time at which the centre loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    near, far = times
    left.plot(near, closed_form, color=COLORS["score"], label="closed form")
    left.plot(near, parabola, color=COLORS["bound"], ls="--", label="$(t_c - t)^2$")
    left.plot(near[::6], on_branch[::6], "o", color=COLORS["data"], ms=4, label="two paths")
    left.set(title="at the centre", ylabel="log growth since $t_c$", xlabel="$t$")
    left.set(xlim=(near[0], near[-1]))
    shades = ("score", "other", "posterior", "entropy")
    for (label, growth), shade, style in zip(off_branch.items(), shades, STYLES, strict=False):
        right.plot(far, growth, color=COLORS[shade], ls=style, label=label)
    right.set(title="beside it", ylabel="log growth since the start")
    _falling_time(right, far, (3, 1, 0.5, 0.2, 0.1))
    for panel in (left, right):
        panel.axvline(critical, color=COLORS["bound"], ls=":", lw=1.5, zorder=1)
        panel.legend(fontsize="small", frameon=True, edgecolor="none")
    return figure


def neighbourhoods(before, after, data, times):
    """Draw small circles of neighbours, and what the flow makes of them.

    Parameters
    ----------
    before, after : ndarray, shape (number, points, 2)
        Closed curves at the first time, and the same points at the last.
    data : ndarray, shape (N, 2)
        Data points.
    times : tuple
        The two times.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), sharex=True, sharey=True)
    shades = ("score", "other", "posterior", "entropy")
    for panel, curves, time in zip(axes, (before, after), times, strict=True):
        panel.plot(*data.T, "o", color=COLORS["data"], ms=5)
        for name, curve, shade, style in zip("ABCD", curves, shades, STYLES, strict=False):
            panel.fill(*curve.T, color=COLORS[shade], alpha=0.25, lw=0)
            panel.plot(*np.vstack([curve, curve[:1]]).T, color=COLORS[shade], ls=style, lw=1.4)
            corner = curve[np.argmax(curve @ (1.0, 1.0))]
            panel.annotate(name, corner, xytext=(4, 2), textcoords="offset points", color=COLORS[shade])
        panel.set(title=f"$t = {time:g}$", aspect="equal", xlabel="$x_1$")
    axes[0].set_ylabel("$x_2$")
    return figure


def commitment(line, sampled):
    """Draw the chance to end at the right point against the place at one time, for the ODE and for the SDE.

    Parameters
    ----------
    line : tuple of ndarray, shape (n,)
        Places, posterior weight of the right point, and 1 where the path of the ODE ends there, else 0.
    sampled : tuple of ndarray, shape (m,)
        Places, share of SDE paths that end there, and its standard error.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    x, weight, flow = line
    places, share, error = sampled
    axes.plot(x, weight, color=COLORS["posterior"], label="posterior weight")
    axes.plot(x, flow, color=COLORS["score"], ls="--", label="probability flow")
    axes.errorbar(
        places, share, error, fmt="o", color=COLORS["noise"], mec=COLORS["data"], label="reverse SDE"
    )
    axes.set(xlabel="$x$", ylabel="share that ends right")
    axes.legend()
    return figure


def two_noises(times, common, predicted, independent):
    r"""Draw the distance of two SDE paths under common and under independent noise.

    Parameters
    ----------
    times : ndarray, shape (steps,)
        Falling times.
    common, predicted, independent : ndarray, shape (steps,)
        Distance under the same noise, what its linear equation says, and under independent noise.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    axes.plot(times, independent, color=COLORS["noise"], lw=1.2, label="independent noise")
    axes.plot(times, common, color=COLORS["score"], lw=4, alpha=0.5, label="common noise")
    axes.plot(times, predicted, color=COLORS["data"], ls="--", lw=1.2, label="linear equation")
    axes.set(yscale="log", ylabel=r"$\|\delta\|$")
    _falling_time(axes, times, (3, 1, 0.3, 0.1))
    axes.legend()
    return figure


def expected_divergences(t, curves, ceilings, critical):
    r"""Draw :math:`t^2 E[\nabla\cdot s]/D` of some laws between -1 and the ceiling of each.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    curves, ceilings : dict
        Label to an array (T,).
    critical : dict
        Label to the time at which the centre of the law loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(curves), figsize=(7.2, 3.2), sharey=True)
    for panel, (label, values) in zip(axes, curves.items(), strict=True):
        panel.semilogx(t, values, color=COLORS["score"], label="mean over paths")
        panel.semilogx(t, ceilings[label], color=COLORS["bound"], ls="--", label="ceiling")
        panel.axhline(-1, color=COLORS["bound"], lw=1.2)
        panel.axhline(0, color=COLORS["data"], lw=1.2)
        if label in critical:
            panel.axvline(critical[label], color=COLORS["bound"], ls=":", lw=1.5)
        panel.set(title=label, xlabel="$t$", ylim=(-1.08, 0.08))
    axes[0].set_ylabel(r"$t^2\, E[\nabla\cdot s]\,/\,D$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def finite_time_map(start, end, growth, boundaries):
    """Draw where the flow takes each start in one dimension, above the log growth of a neighbourhood.

    Parameters
    ----------
    start, end, growth : ndarray, shape (n,)
        Places at the first and at the last time, and the logarithm of the slope of the map.
    boundaries : array_like
        Starts that divide the ends.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 4.4), sharex=True)
    top.plot(start, end, color=COLORS["score"])
    bottom.plot(start, growth, color=COLORS["score"])
    bottom.axhline(0, color=COLORS["data"], lw=1)
    for panel in (top, bottom):
        for place in boundaries:
            panel.axvline(place, color=COLORS["bound"], ls=":", lw=1.5)
    top.set_ylabel("end")
    bottom.set(xlabel="start", ylabel="log growth")
    return figure


def exponent_field(side, exponents, ends, data):
    """Draw the greatest finite-time exponent over the plane, with the borders between basins.

    Parameters
    ----------
    side : ndarray, shape (n,)
        Places along both axes.
    exponents : ndarray, shape (n, n)
        Greatest exponent of each start, the second axis being :math:`x_1`.
    ends : ndarray, shape (n, n)
        Number of the data point at which each start ends.
    data : ndarray, shape (N, 2)
        Data points.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(5.4, 4.4))
    extent = (side[0], side[-1], side[0], side[-1])
    image = axes.imshow(exponents, extent=extent, origin="lower", cmap="magma")
    for number in range(len(data)):
        axes.contour(side, side, ends == number, [0.5], colors=COLORS["noise"], linestyles="--", linewidths=1)
    axes.plot(*data.T, "o", color=COLORS["noise"], mec="white", ms=7)
    axes.set(xlabel="$x_1$ at the start", ylabel="$x_2$ at the start")
    axes.grid(False)
    figure.colorbar(image, ax=axes, label="greatest exponent  [1/unit of $t$]")
    return figure
