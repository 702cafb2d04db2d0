"""The book in one picture."""

import matplotlib.pyplot as plt
import numpy as np

from infodyn.plots.style import COLORS


def one_decision(noise, x, density, branch, paths, path_noise, entropy, rate):
    r"""Noise becomes a choice: density, fixed points, paths; entropy and its rate below them.

    Parameters
    ----------
    noise : ndarray, shape (T,)
        Noise levels of the columns and curves.
    x : ndarray, shape (M,)
        Places.
    density : ndarray, shape (T, M)
        p_t(x).
    branch : tuple of ndarray
        Noise levels and positions x > 0 of the upper branch of stable fixed points.
    paths : ndarray, shape (S, n)
        Reverse paths at the noise levels ``path_noise`` (S,).
    entropy, rate : ndarray, shape (T,)
        Conditional entropy in nats, and its rate per unit of the noise level's logarithm.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(6.4, 6.0), sharex=True, height_ratios=[3, 2])
    shade = (density / density.max(axis=1, keepdims=True)).T
    above.pcolormesh(noise, x, shade, cmap="Greys", vmax=1.6, shading="gouraud", rasterized=True)
    above.plot(path_noise, paths, color=COLORS["noise"], linewidth=0.9, alpha=0.9)
    for sign in (1, -1):
        above.plot(
            branch[0], sign * branch[1], color=COLORS["score"], label="stable fixed points" * (sign > 0)
        )
    above.plot([1, noise.max()], [0, 0], color=COLORS["score"])
    above.plot([noise.min(), 1], [0, 0], color=COLORS["score"], linestyle=":", label="unstable fixed point")
    above.plot([], [], color=COLORS["noise"], linewidth=0.9, label="generated paths")
    above.set(ylabel="$x_t$", ylim=(x.min(), x.max()))
    above.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none")
    below.plot(noise, entropy, color=COLORS["entropy"], label="open questions  $H(x_0|x_t)$")
    below.plot(noise, rate, color=COLORS["rate"], linestyle="--", label=r"rate  $dH/d\ln\sigma$")
    below.axhline(np.log(2), color=COLORS["bound"], linewidth=1, linestyle=":")
    below.text(noise.min() * 1.03, np.log(2) + 0.015, "ln 2", color=COLORS["bound"])
    below.set(
        xscale="log", xlabel=r"noise level $\sigma$   (generation runs from right to left)", ylabel="nats"
    )
    below.set(xlim=(noise.min(), noise.max()), ylim=(0, 0.8))
    below.legend(loc="upper left", bbox_to_anchor=(0, 0.86))
    for axes in (above, below):
        axes.axvline(1.0, color=COLORS["bound"], linewidth=1)
    return figure


def noise_dial(x, density, posterior, score, noise, entropy, rate, now):
    r"""Density, posterior and score at one noise level; entropy and rate at all of them.

    Parameters
    ----------
    x : ndarray, shape (M,)
        Places.
    density, posterior, score : ndarray, shape (M,)
        p_t(x), the probability that x came from the upper of two points, and the score.
    noise, entropy, rate : ndarray, shape (T,)
        Noise levels, conditional entropy in nats, and its rate per unit of the noise level's logarithm.
    now : float
        The noise level of the left column.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 4.2))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1])
    (top, middle), bits = left.subplots(2, 1, sharex=True), right.subplots()
    top.fill_between(x, density / density.max(), color=COLORS["bound"], alpha=0.35, label="density (scaled)")
    top.plot(x, posterior, color=COLORS["posterior"], label="chance of +1, given x")
    top.set(ylim=(0, 1.5), yticks=[0, 0.5, 1])
    top.legend(loc="upper left", ncols=2, fontsize="small", columnspacing=1, handlelength=1.2)
    middle.axhline(0, color=COLORS["bound"], linewidth=1)
    middle.plot(x, now * score, color=COLORS["score"], label=r"score $\times\,\sigma$")
    zeros = np.flatnonzero(np.diff(np.sign(score)))
    falls = score[zeros] > 0
    places = (x[zeros] + x[zeros + 1]) / 2
    middle.plot(places[falls], 0 * places[falls], "o", color=COLORS["score"], label="stable zero")
    middle.plot(
        places[~falls],
        0 * places[~falls],
        "o",
        color=COLORS["score"],
        markerfacecolor="white",
        label="unstable",
    )
    middle.set(xlabel="$x$", xlim=(x[0], x[-1]), ylim=(-4, 6.5))
    middle.legend(
        loc="upper left",
        ncols=3,
        fontsize="small",
        columnspacing=1,
        handlelength=1.2,
        frameon=True,
        edgecolor="none",
    )
    bits.plot(noise, entropy, color=COLORS["entropy"], label="open, $H(x_0|x_t)$")
    bits.plot(noise, rate, color=COLORS["rate"], linestyle="--", label=r"rate, $dH/d\ln\sigma$")
    bits.axvline(now, color=COLORS["bound"], linewidth=1)
    for curve, colour, mark in ((entropy, "entropy", "o"), (rate, "rate", "s")):
        bits.plot(now, np.interp(now, noise, curve), mark, color=COLORS[colour])
    bits.set(xscale="log", xlabel=r"noise level $\sigma$", ylabel="nats")
    bits.set(xlim=(0.9 * noise[0], 1.1 * noise[-1]), ylim=(0, 0.95))
    bits.legend(loc="upper left", fontsize="small")
    return figure
