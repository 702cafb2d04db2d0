"""Figures of the chapter on phase transitions."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from scipy.cluster.hierarchy import dendrogram

from infodyn.plots.style import COLORS

#: Line styles and colours for curves that share a panel.
LOOKS = (("score", "-"), ("rate", "--"), ("entropy", "-."), ("posterior", ":"), ("other", (0, (5, 1, 1, 1))))
#: How fixed points are marked, by their stability.
STABLE = {"marker": "o", "color": COLORS["score"], "ls": "", "label": "stable"}
UNSTABLE = {"marker": "o", "color": COLORS["score"], "mfc": "white", "ls": "", "label": "unstable"}


def _stability_handles():
    return [plt.Line2D([], [], **look, ms=5) for look in (STABLE, UNSTABLE)]


def _fixed_points(panel, times, found, every=1):
    """Mark the fixed points of one-dimensional data at their times, the unstable ones at every so many."""
    for look, size, wanted in ((STABLE, 2, 1), (UNSTABLE, 3.5, every)):
        x = [points.locations[points.stable == (look is STABLE), 0] for points in found[::wanted]]
        t = np.repeat(times[::wanted], [len(places) for places in x])
        panel.plot(t, np.concatenate(x), **look, ms=size, mew=0.8)


def bifurcation_diagram(panels, densities, critical):
    r"""Draw the fixed points of one-dimensional data against time, which runs from noise to data.

    Parameters
    ----------
    panels : dict
        Title to a pair (times (T,), list of T :class:`~infodyn.FixedPoints`).
    densities : dict
        Title to a triple (times (S,), places (n,), density (n, S)), shaded; each column is scaled to its top.
    critical : dict
        Title to times that are marked.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(7.2, 3.4), sharey=True, squeeze=False)
    for panel, (title, (times, found)) in zip(axes.flat, panels.items(), strict=True):
        s, x, density = densities[title]
        panel.pcolormesh(s, x, density / density.max(axis=0), cmap="Blues", vmax=1.8, rasterized=True)
        _fixed_points(panel, times, found, every=5)
        for time in critical[title]:
            panel.axvline(time, color=COLORS["bound"], ls=":", lw=1.5)
        panel.set(title=title, xlabel="$t$", xlim=(times.max(), times.min()))
        panel.grid(False)
    axes[0, 0].set_ylabel("$x^*$")
    figure.legend(handles=_stability_handles(), loc="outside lower center", ncols=2)
    return figure


def fork_and_rate(times, found, critical, rates):
    r"""Draw the fixed points of two points on a line above their entropy rates, with the rates' peaks.

    Parameters
    ----------
    times : ndarray, shape (T,)
    found : list of FixedPoints
        At each of the times.
    critical : float
        Where the second mode appears.
    rates : dict
        Label to the pair (times (S,), rate (S,)), drawn in units of its greatest value.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 4.4), sharex=True, height_ratios=(1.6, 1))
    _fixed_points(top, times, found, every=3)
    looks = (("-", "^"), ("--", "s"))
    for (label, (s, rate)), (style, marker) in zip(rates.items(), looks, strict=True):
        peak = rate.argmax()
        bottom.plot(s, rate / rate[peak], ls=style, color=COLORS["rate"], label=label)
        bottom.plot(s[peak], 1, marker, color=COLORS["rate"], ms=7)
    for panel in (top, bottom):
        panel.axvline(critical, color=COLORS["bound"], ls=":", lw=1.5)
    top.set(ylabel="$x^*$", ylim=(-1.45, 1.45), xlim=(1.6, 0.1))
    bottom.set(xlabel="$t$", ylabel="rate", ylim=(0, 1.5), yticks=[0, 1])
    top.legend(handles=_stability_handles(), loc="lower left")
    bottom.legend(loc="upper left", ncols=2)
    return figure


def magnet(temperature, field, found, wedge, paths):
    r"""Draw the line :math:`\mu` against :math:`\tanh((\mu+h)/T)`, and where there are three solutions.

    Parameters
    ----------
    temperature, field : float
        Of the curve on the left, and of the dot on the right.
    found : Magnetisations
        Where the line meets the curve.
    wedge : tuple
        Temperatures (n,) and spinodal fields (n,).
    paths : dict
        Label to a pair of arrays (temperatures, fields), traced as t falls.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6))
    mu = np.linspace(-1.15, 1.15, 81)
    left.axline((0, 0), slope=1, color=COLORS["data"], lw=1.2, label="line")
    left.plot(mu, np.tanh((mu + field) / temperature), color=COLORS["score"], label="tanh")
    for solution, stable in zip(*found, strict=True):
        left.plot(solution, solution, **(STABLE if stable else UNSTABLE) | {"label": None}, ms=8)
    left.set(xlabel=r"$\mu$", xlim=(-1.15, 1.15), ylim=(-1.15, 1.15))
    left.legend(loc="upper left")
    temperatures, fields = wedge
    right.fill_between(temperatures, -fields, fields, color=COLORS["bound"], alpha=0.25, lw=0)
    right.text(0.45, -0.14, "three", va="center", color=COLORS["bound"])
    right.text(1.1, -0.5, "one", va="center", color=COLORS["bound"])
    for (label, (t, h)), (shade, style) in zip(paths.items(), LOOKS[1:], strict=False):
        right.plot(t, h, color=COLORS[shade], ls=style, label=label)
    right.plot(temperature, field, "D", color=COLORS["data"], ms=7)
    right.set(xlabel="$T$", ylabel="$h$", xlim=(temperatures.max(), 0))
    right.legend()
    return figure


def energies(x, curves, marks):
    r"""Draw the energy :math:`-\ln p_t` less its value at x = 0, for some times.

    Parameters
    ----------
    x : ndarray, shape (n,)
    curves : dict
        Label to the array (n,) of energies.
    marks : dict
        Label to a pair (places, energies) of its stable fixed points.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    for (label, values), (shade, style) in zip(curves.items(), LOOKS, strict=False):
        axes.plot(x, values, color=COLORS[shade], ls=style, label=label)
        axes.plot(*marks[label], "o", color=COLORS[shade], ms=6)
    axes.set(xlabel="$x$", ylabel=r"$-\ln p_t(x) + \ln p_t(0)$")
    axes.legend()
    return figure


def modes_of_a_triangle(t, plane, extent, found, profile, counts):
    r"""Draw ln p_t over a plane with its fixed points, its energy along an axis, and the modes up to now.

    Parameters
    ----------
    t : float
        The time that is shown.
    plane : ndarray, shape (ny, nx)
        ln p_t.
    extent : tuple
        Left, right, bottom, top of the plane.
    found : FixedPoints
        At this time.
    profile : tuple
        Places (n,) on the first axis, and the energies (n,) there.
    counts : tuple
        Times (T,), numbers of stable fixed points (T,), and the times between which there is one too many.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplot_mosaic("pe;pn", figsize=(7.2, 4.0), height_ratios=(1.6, 1))
    panel = axes["p"]
    sides = np.linspace(*extent[:2], plane.shape[1]), np.linspace(*extent[2:], plane.shape[0])
    levels = plane.max() - np.array([1.2, 0.6, 0.3, 0.1, 0.03, 0.01])
    panel.contour(*sides, plane, levels=levels, colors=COLORS["noise"], linewidths=0.8, linestyles="-")
    x, stable = found.locations, found.stable
    panel.plot(*x[stable].T, **STABLE, ms=8)
    panel.plot(*x[~stable].T, **UNSTABLE, ms=8)
    panel.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    panel.grid(False)
    panel = axes["e"]
    panel.plot(*profile, color=COLORS["score"])
    on_axis = np.abs(x[:, 1]) < 1e-6
    for look, which in ((STABLE, stable), (UNSTABLE, ~stable)):
        place = x[on_axis & which, 0]
        panel.plot(place, np.interp(place, *profile), **look, ms=6)
    panel.set(title="energy on the axis", xlabel="$x$", ylim=(-0.015, 0.015), xlim=(-0.75, 1.1))
    times, number = np.asarray(counts[0]), np.asarray(counts[1])
    window, panel = counts[2], axes["n"]
    reached = times >= t
    panel.axvspan(*np.maximum(window, t), color=COLORS["bound"], alpha=0.25, lw=0)
    panel.plot(times[reached], number[reached], **STABLE, ms=3)
    panel.plot(t, np.sum(stable), "D", color=COLORS["data"], ms=7)
    panel.set(xlabel="$t$", ylabel="modes", ylim=(0.4, 4.6), yticks=[1, 2, 3, 4])
    edge = 0.05 * np.ptp(times)
    panel.set_xlim(times.max() + edge, times.min() - edge)
    figure.legend(handles=_stability_handles(), loc="outside lower center", ncols=2)
    return figure


def decision_trees(trees, labels):
    r"""Draw merge trees as dendrograms, with the time at which points merge as height.

    Parameters
    ----------
    trees : dict
        Title to a SciPy linkage matrix.
    labels : dict
        Title to the names of the leaves.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(trees), figsize=(7.2, 3.4), squeeze=False)
    for panel, (title, linkage) in zip(axes.flat, trees.items(), strict=True):
        dendrogram(
            linkage,
            ax=panel,
            labels=labels[title],
            color_threshold=0,
            above_threshold_color=COLORS["score"],
            leaf_font_size=11,
        )
        panel.set(title=title, ylabel="$t$")
        panel.grid(False)
    return figure


def merging(t, linkage, names, data, plane, modes):
    r"""Draw a merge tree, cut at a time, beside the points, each tied to the mode that it then has.

    Parameters
    ----------
    t : float
    linkage : ndarray, shape (N - 1, 4)
        A SciPy linkage matrix.
    names : sequence of str
        Of the N points.
    data : GaussianMixture
        Points in the plane.
    plane : tuple
        Coordinates (nx,) and (ny,) with ln p_t (ny, nx).
    modes : ndarray, shape (N, 2)
        The mode of each point.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.8), width_ratios=(1, 1.7))
    dendrogram(
        linkage,
        ax=left,
        labels=names,
        color_threshold=0,
        above_threshold_color=COLORS["score"],
        leaf_font_size=11,
    )
    left.axhline(t, color=COLORS["bound"], ls="--", lw=1.5)
    heights = linkage[:, 2]
    left.set(ylabel="$t$", yscale="log", ylim=(0.5 * heights.min(), 1.4 * heights.max()))
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_major_formatter(ScalarFormatter())
    left.yaxis.set_minor_formatter(NullFormatter())
    left.grid(False)
    levels = plane[2].max() - np.array([4, 2.5, 1.5, 0.7, 0.2])
    right.contour(*plane, levels=levels, colors=COLORS["noise"], linewidths=0.8, linestyles="-")
    for name, place, mode, weight in zip(names, data.means, modes, data.weights, strict=True):
        right.plot(*np.transpose([place, mode]), color=COLORS["bound"], lw=1)
        right.plot(*place, "s", color=COLORS["data"], ms=20 * np.sqrt(weight))
        right.annotate(name, place, (7, 4), textcoords="offset points")
    right.plot(*np.unique(modes.round(6), axis=0).T, **STABLE, ms=8)
    right.set(aspect="equal", xticks=[], yticks=[])
    right.grid(False)
    return figure


def order_parameter(t, curves, limit):
    r"""Draw the radius of the sphere of fixed points against time, in units of the data's radius.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times in units of the critical one.
    curves : dict
        Label to the array (T,) of :math:`\rho^*/r`.
    limit : ndarray, shape (T,)
        The same for many dimensions.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.4))
    for (label, radius), (shade, style) in zip(curves.items(), LOOKS, strict=False):
        axes.plot(t, radius, color=COLORS[shade], ls=style, label=label)
    axes.plot(t, limit, color=COLORS["data"], lw=1, label=r"$D\to\infty$")
    axes.set(xlabel="$t/t_c$", ylabel=r"$\rho^*/r$", xlim=(t.max(), t.min()), ylim=(-0.03, 1.05))
    axes.legend()
    return figure


def divergence_and_spectrum(panels, critical):
    r"""Draw the score's divergence and the eigenvalues of its Jacobian at the centre, times t² (Figure 2).

    Parameters
    ----------
    panels : dict
        Title to a pair (times (T,), eigenvalues (T, D)).
    critical : dict
        Title to the critical time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(7.2, 3.8), sharey=True, squeeze=False)
    for panel, (title, (t, eigenvalues)) in zip(axes.flat, panels.items(), strict=True):
        scaled = t[:, None] ** 2 * eigenvalues
        panel.axhspan(0, 10, color=COLORS["bound"], alpha=0.12, lw=0)
        lines = panel.plot(t, scaled, color=COLORS["rate"], ls="--", lw=1.6)
        lines[0].set_label(r"eigenvalues, $t^2\lambda_i$")
        (line,) = panel.plot(t, scaled.sum(axis=1), color=COLORS["score"], lw=2.6)
        line.set_label(r"divergence, $t^2\,\nabla\cdot s$")
        panel.axvline(critical[title], color=COLORS["bound"], ls=":", lw=1.5)
        panel.set(title=title, xlabel="$t$", xlim=(t.max(), t.min()), ylim=(-2.4, 3))
    axes[0, 0].set_ylabel("at the centre")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def typical_shells(line, plane, samples, times):
    r"""Draw paths of fixed points with shells of radius :math:`t\sqrt D` around them (Figure 1).

    Parameters
    ----------
    line, plane : MergeTree
        Of data in one and in two dimensions, in the EDM clock.
    samples : ndarray, shape (n, 2)
        Noisy samples of the planar data at the last of ``times``.
    times : sequence of float
        Times at which shells are drawn in the plane.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 4.2))
    t = line.times
    for point in range(line.labels.shape[1]):
        path = line.path(point)[:, 0]
        own = line.labels[:, point] == point
        left.fill_between(t, path - t, path + t, where=own, color=COLORS["noise"], alpha=0.3, lw=0)
        left.plot(t, path, color=COLORS["score"])
    left.set(xlabel="$t$", ylabel="$x$", xlim=(t.max(), t.min()), title="on a line")
    right.plot(*samples.T, ".", color=COLORS["data"], ms=2, alpha=0.3)
    for point in range(plane.labels.shape[1]):
        right.plot(*_broken(plane.path(point)).T, color=COLORS["score"])
    for time, style in zip(times, ("-", "--", ":"), strict=False):
        step = np.searchsorted(plane.times, time)
        for point in np.unique(plane.labels[step]):
            centre, radius = plane.path(point)[step], time * np.sqrt(2)
            circle = plt.Circle(centre, radius, fill=False, ec=COLORS["noise"], ls=style, lw=2, zorder=3)
            right.add_patch(circle)
            right.plot(*centre, "o", color=COLORS["score"], ms=4)
        right.plot([], [], color=COLORS["noise"], ls=style, label=f"$t = {time:g}$")
    right.set(title="in the plane", aspect="equal")
    right.grid(False)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _broken(path):
    """A path (T, D) with a gap where it jumps."""
    jumps = np.flatnonzero(np.linalg.norm(np.diff(path, axis=0), axis=1) > np.ptp(path) / 5)
    return np.insert(path, jumps + 1, np.nan, axis=0)
