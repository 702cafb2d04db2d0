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


def neighbourhoods(circles, curves, data, times, axes_lengths, reached):
    """Draw small circles of neighbours, what the flow has made of them, and how long they have been so far.

    Parameters
    ----------
    circles, curves : ndarray, shape (number, points, 2)
        Closed curves at the first time, and the same points now.
    data : ndarray, shape (N, 2)
        Data points.
    times : ndarray, shape (T,)
        Falling times.
    axes_lengths : ndarray, shape (T, number)
        Longest axis of each neighbourhood at these times, in units of its first.
    reached : int
        Which of the times is now.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (plane, course) = plt.subplots(1, 2, figsize=(7.2, 3.6))
    plane.plot(*data.T, "o", color=COLORS["data"], ms=5)
    plane.set(xlim=(-3.2, 2.0), ylim=(-1.4, 3.2), aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    plane.set_title(f"$t = {times[reached]:.2f}$")
    shades = ("score", "other", "posterior", "entropy")
    for name, *shapes, lengths, shade, style in zip(
        "ABCD", circles, curves, axes_lengths.T, shades, STYLES, strict=False
    ):
        for curve, weight in zip(shapes, (0.7, 1.4), strict=True):
            outline = np.vstack([curve, curve[:1]]).T
            plane.plot(*outline, color=COLORS[shade if weight > 1 else "bound"], ls=style, lw=weight)
        plane.fill(*shapes[1].T, color=COLORS[shade], alpha=0.25, lw=0)
        corner = shapes[1][np.argmax(shapes[1] @ (1.0, 1.0))]
        plane.annotate(name, corner, xytext=(4, 2), textcoords="offset points", color=COLORS[shade])
        course.plot(times[: reached + 1], lengths[: reached + 1], color=COLORS[shade], ls=style, label=name)
        course.plot(times[reached], lengths[reached], "o", color=COLORS[shade], ms=6)
    course.axhline(1, color=COLORS["data"], lw=1)
    course.set(yscale="log", ylim=(0.13, 1.5), title="longest axis, in units of the first")
    course.yaxis.set(major_locator=FixedLocator([0.2, 0.5, 1]), minor_locator=NullLocator())
    course.set_yticklabels(["0.2", "0.5", "1"])
    _falling_time(course, times, (2, 1, 0.5, 0.3))
    course.legend(loc="lower left", ncols=2)
    return figure


def late_noise(times, path, noisy, line, sampled):
    """Draw a path of the ODE that noise joins at some time, and the chance to end at the right point.

    Parameters
    ----------
    times : tuple of ndarray
        Falling times (T,) of the whole path, and (S,) of what follows the moment at which noise joins.
    path : ndarray, shape (T,)
        The path of the ODE; zero is the separatrix.
    noisy : ndarray, shape (S, n)
        Paths of the SDE from the place that it has reached at that moment.
    line : tuple of ndarray, shape (m,)
        Places, and the posterior weight of the right point there at that moment.
    sampled : tuple
        The place reached, share of SDE paths that end right, and its standard error.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (fan, chance) = plt.subplots(1, 2, figsize=(7.2, 3.6))
    whole, late = times
    right = noisy[-1] > 0
    for (label, (shade, style)), chosen in zip(ENDS.items(), (~right, right), strict=True):
        fan.plot(late, noisy[:, chosen], color=COLORS[shade], ls=style, lw=0.8)
        fan.plot([], [], color=COLORS[shade], ls=style, label=f"SDE, {label}")
    fan.plot(whole, path, color=COLORS["data"], lw=2, label="ODE")
    fan.axhline(0, color=COLORS["bound"], lw=1)
    fan.axvline(late[0], color=COLORS["bound"], ls=":", lw=1.5)
    _falling_time(fan, whole, (2, 1, 0.5, 0.2))
    fan.set(ylim=(-5, 5), ylabel="$x_t$", title=f"noise from $t = {late[0]:.2f}$ on")
    fan.legend(loc="lower right", fontsize="small", frameon=True, edgecolor="none")
    x, weight = line
    place, share, error = sampled
    chance.plot(x, weight, color=COLORS["posterior"], label="posterior weight")
    chance.step([x[0], 0, x[-1]], [0, 1, 1], where="post", color=COLORS["score"], ls="--", label="ODE")
    chance.errorbar(
        [place], [share], [error], fmt="o", color=COLORS["noise"], mec=COLORS["data"], label="SDE from here"
    )
    chance.set(xlim=(x[0], x[-1]), ylim=(-0.05, 1.05), xlabel="$x$", title="share that ends right")
    chance.legend(loc="lower right", fontsize="small")
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


def two_hills(density, t, curves, ceiling, fork):
    r"""Draw two hills, and :math:`t^2 E[\nabla\cdot s]` of them between -1 and its ceiling.

    Parameters
    ----------
    density : tuple of ndarray, shape (n,)
        Places, and the density of the data there.
    t : ndarray, shape (T,)
        Times.
    curves : tuple of ndarray, shape (T,)
        :math:`t^2\nabla\cdot s` on average over paths, and at the centre.
    ceiling : ndarray, shape (T,)
        Bound for the average.
    fork : float or None
        Time at which the centre loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (hills, rates) = plt.subplots(1, 2, figsize=(7.2, 3.6), width_ratios=(1, 2))
    hills.fill_between(*density, color=COLORS["data"], alpha=0.3, lw=0)
    hills.plot(*density, color=COLORS["data"], lw=1)
    hills.set(title="the data", xlabel="$x_0$", xlim=(-4, 4), ylim=(0, 2.1), yticks=[])
    mean, centre = curves
    rates.semilogx(t, mean, color=COLORS["score"], label="mean over paths")
    rates.semilogx(t, centre, color=COLORS["other"], ls="-.", label="at the centre")
    rates.semilogx(t, ceiling, color=COLORS["bound"], ls="--", label="ceiling of the mean")
    rates.axhline(-1, color=COLORS["bound"], lw=1.2)
    rates.axhline(0, color=COLORS["data"], lw=1.2)
    if fork is not None:
        rates.axvline(fork, color=COLORS["bound"], ls=":", lw=1.5)
    rates.set(xlabel="$t$", ylim=(-1.08, 0.6), xlim=(t[0], t[-1]))
    rates.set_ylabel(r"$t^2\,\nabla\cdot s$")
    share = rates.secondary_yaxis("right", functions=(lambda y: y + 1, lambda y: y - 1))
    share.set_ylabel("share of the bandwidth")
    share.yaxis.set(major_locator=FixedLocator([0, 0.5, 1]))
    rates.legend(loc="upper right", fontsize="small")
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
