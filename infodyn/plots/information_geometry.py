"""Figures of the chapter on information geometry."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Ellipse

from infodyn.plots.style import COLORS

#: Colours and line styles for curves that share a panel.
LOOKS = (("posterior", "-"), ("entropy", "--"), ("score", "-."), ("other", ":"))


def fisher_ellipses(panels, sites, extent, step):
    r"""Draw the steps that change the posterior by one amount, as ellipses at points of the plane.

    Parameters
    ----------
    panels : dict
        Title to a pair of arrays: points x (n, 2), and Fisher matrices (n, 2, 2) there.
    sites : dict
        Title to the points (m, 2) that the data live on.
    extent : tuple
        Left, right, bottom, top of the plane.
    step : float
        Largest half axis to be drawn; it belongs to eigenvalues of 1/step² and less. A full circle of
        this size, where the posterior hardly answers to any step, is drawn grey and dashed.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = 2 if len(panels) > 3 else 1
    columns = -(-len(panels) // rows)
    height = 0.4 + 7.2 / columns * rows * (extent[3] - extent[2]) / (extent[1] - extent[0])
    figure, axes = plt.subplots(rows, columns, figsize=(7.2, height), sharex=True, sharey=True, squeeze=False)
    for panel, (title, (x, fisher)) in zip(axes.flat, panels.items(), strict=True):
        values, vectors = np.linalg.eigh(fisher)
        halves = step / np.sqrt(np.maximum(values * step**2, 1))
        angles = np.degrees(np.arctan2(vectors[:, 1, 0], vectors[:, 0, 0]))
        for centre, half, angle in zip(x, halves, angles, strict=True):
            free = half.min() > 0.9 * step
            look = {"ec": COLORS["bound"], "ls": ":"} if free else {"ec": COLORS["posterior"], "ls": "-"}
            panel.add_patch(Ellipse(centre, *(2 * half), angle=angle, fill=False, lw=1.1, **look))
        panel.plot(*sites[title].T, "o", color=COLORS["data"], ms=4 if len(sites[title]) < 20 else 1)
        panel.set(title=title, xlim=extent[:2], ylim=extent[2:], aspect="equal")
        panel.grid(False)
    return figure


def rulers(x, speeds):
    r"""Draw the length of a unit step, :math:`\sqrt{F(x)}`, along a line at some times.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Places.
    speeds : dict
        Time to the array (n,) of :math:`\sqrt{F(x)}`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    for (time, speed), (shade, style) in zip(speeds.items(), LOOKS, strict=False):
        axes.plot(x, speed, color=COLORS[shade], ls=style, label=f"$t = {time:g}$")
    axes.set(xlabel="$x$", ylabel=r"$\sqrt{F(x)}$  [1/length]", ylim=(0, None))
    axes.legend(title="each of area $\\pi$")
    return figure


def fisher_spectra(t, panels):
    r"""Draw the mean eigenvalues of :math:`t^2F` against time, one panel a data law.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    panels : dict
        Title to the array (T, D) of mean ordered eigenvalues.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = 2 if len(panels) > 3 else 1
    figure, axes = plt.subplots(
        rows, -(-len(panels) // rows), figsize=(7.2, 2.7 * rows), sharex=True, sharey=True, squeeze=False
    )
    for panel, (title, spectrum) in zip(axes.flat, panels.items(), strict=True):
        for i, (values, (shade, style)) in enumerate(zip(spectrum.T, LOOKS, strict=False), start=1):
            panel.semilogx(t, values, color=COLORS[shade], ls=style, label=f"$i = {i}$")
        panel.set_title(title)
        panel.set_ylim(-0.05, 1.1)
    for panel in axes[-1]:
        panel.set_xlabel("$t$")
    for panel in axes[:, 0]:
        panel.set_ylabel(r"$E\,\lambda_i(t^2F)$")
    longest = max(axes.flat, key=lambda panel: len(panel.lines))
    figure.legend(*longest.get_legend_handles_labels(), loc="outside lower center", ncols=len(LOOKS))
    return figure


def sample_of_a_curve(sites, t, limit, dimension, spacing, window):
    r"""Draw points of a curve, and how their effective dimension differs from the curve's.

    Parameters
    ----------
    sites : ndarray, shape (N, 2)
        The points.
    t : ndarray, shape (T,)
        Times.
    limit, dimension : ndarray, shape (T,)
        Effective dimension of the whole curve, and of the points.
    spacing : float
        Mean distance of neighbouring points.
    window : tuple or None
        Least and greatest time at which the dimension can be read, shaded; None if there is no such time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (plane, count) = plt.subplots(1, 2, figsize=(7.2, 3.2), width_ratios=(2, 3))
    plane.plot(*sites.T, "o", color=COLORS["data"], ms=4 if len(sites) < 100 else 1.5)
    plane.set(aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    plane.set_title(f"{len(sites)} points")
    count.semilogx(t, limit, color=COLORS["data"], lw=1.2, label="the whole circle")
    count.semilogx(t, dimension, color=COLORS["entropy"], ls="--", label="these points")
    count.axvline(spacing, color=COLORS["bound"], ls=":", lw=1.5, label="mean spacing")
    if window is not None:
        count.axvspan(*window, color=COLORS["noise"], alpha=0.25, lw=0)
    count.set(xlabel="$t$", ylabel="effective dimension", ylim=(0, 1.8), xlim=(t[0], t[-1]))
    count.legend(loc="upper left", fontsize="small")
    return figure


def sphere_count(t, spectrum):
    r"""Draw the effective dimension of a unit sphere beside its limit, and the two kinds of eigenvalues.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    spectrum : ndarray, shape (T, d + 1)
        Mean ordered eigenvalues of :math:`t^2F` for the sphere of dimension d.

    Returns
    -------
    matplotlib.figure.Figure
    """
    d = spectrum.shape[1] - 1
    figure, (count, shares) = plt.subplots(1, 2, figsize=(7.2, 3.2), sharex=True)
    count.semilogx(t, spectrum.sum(axis=1) / d, color=COLORS["entropy"], label="the sphere")
    count.semilogx(t, 1 + (3 - 2 * d) / 2 * t**2, color=COLORS["bound"], ls="--", label=r"to order $t^2$")
    count.axhline(1, color=COLORS["data"], lw=1)
    count.set(
        xlabel="$t$", ylim=(0, 1.6), xlim=(t[0], t[-1]), title=rf"$d_{{\mathrm{{eff}}}}/d$ for $d = {d}$"
    )
    shares.semilogx(t, spectrum[:, 0], color=COLORS["posterior"], label="greatest")
    shares.semilogx(t, spectrum[:, -1], color=COLORS["entropy"], ls="--", label="least")
    shares.semilogx(t, d / 2 * t**2, color=COLORS["bound"], ls=":", label="$d\\,t^2/2$")
    shares.set(xlabel="$t$", ylim=(0, 1.6), title=r"$E\,\lambda_i(t^2F)$")
    for panel in (count, shares):
        panel.legend(loc="upper right", fontsize="small")
    return figure


def digit_directions(t, dimension, linear, spectra):
    r"""Draw the effective dimension of a data set through time, and its Fisher spectrum at some times.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    dimension : Estimate
        Arrays (T,): value and standard error, drawn as a band of two of them.
    linear : ndarray, shape (T,)
        What a Gaussian of the same covariance would have: a bound from above.
    spectra : dict
        Time to the array (D,) of mean eigenvalues of :math:`t^2F`; a line is drawn at 1.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    value, error = dimension
    left.semilogx(t, linear, color=COLORS["bound"], ls=":", label="Gaussian bound")
    left.semilogx(t, value, color=COLORS["rate"], label="the data set")
    left.fill_between(t, value - 2 * error, value + 2 * error, color=COLORS["rate"], alpha=0.3, lw=0)
    left.set(xlabel="$t$", ylabel="effective dimension", ylim=(0, 2 * value.max()))
    left.legend(loc="upper right")
    right.axhline(1, color=COLORS["bound"], lw=1)
    for (time, values), (shade, style) in zip(spectra.items(), LOOKS, strict=False):
        index = np.arange(1, len(values) + 1)
        right.semilogx(index, values, color=COLORS[shade], ls=style, label=f"$t = {time:g}$")
    right.set(xlabel="$i$", ylabel=r"$E\,\lambda_i(t^2F)$", ylim=(0, None))
    right.legend()
    return figure
