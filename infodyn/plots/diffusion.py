"""Figures of the chapter on diffusion models."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from infodyn.plots.style import COLORS

#: Line style, colour and label of each process.
CLOCKS = {
    "VP": ("-", COLORS["entropy"]),
    "VE": ("--", COLORS["other"]),
    "EDM": (":", COLORS["rate"]),
}
#: Shades of a density, from none to its peak.
SHADES = LinearSegmentedColormap.from_list("density", ["white", COLORS["noise"]])


def melting(times, x, density, paths):
    """Draw a density that melts into noise, and a few forward paths on it.

    Parameters
    ----------
    times : array_like, shape (T,)
        Times of the forward process.
    x : array_like, shape (M,)
        Positions.
    density : array_like, shape (M, T)
        The density p_t(x); each column is drawn relative to its peak.
    paths : array_like, shape (T, n)
        Forward paths at the same times.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    _density(axes, times, x, density)
    axes.plot(times, paths, color=COLORS["data"], lw=0.8, alpha=0.8)
    axes.set(xlabel="time, $t$", ylabel="$x_t$")
    return figure


def one_channel(x, density, chance, times, entropies, marks, chosen):
    r"""Draw what one process shows at a noise level, and the entropy of all three against their times.

    Parameters
    ----------
    x, density, chance : array_like, shape (M,)
        Values of :math:`x_t`, their density, and the chance of the upper of two points.
    times : array_like, shape (T,)
        Times, the same for every process.
    entropies : dict
        "VP", "VE", "EDM" to :math:`H(x_0|x_t)` in nats, shape (T,).
    marks : dict
        "VP", "VE", "EDM" to the time of the noise level and the entropy then.
    chosen : str
        The process on the left, whose mark is filled.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 3.8))
    left, right = figure.subfigures(1, 2)
    (top, bottom), axes = left.subplots(2, 1, sharex=True), right.subplots()
    top.fill_between(x, np.divide(density, max(density)), color=COLORS["noise"], alpha=0.6, lw=0)
    top.set(title=chosen, ylabel="density, scaled", ylim=(0, 1.1))
    bottom.plot(x, chance, color=COLORS["posterior"])
    bottom.set(xlabel="$x_t$", ylabel="chance of 0.6", xlim=(min(x), max(x)), ylim=(-0.05, 1.05))
    for name, (style, color) in CLOCKS.items():
        axes.semilogx(times, entropies[name], style, color=color, label=name)
        face = color if name == chosen else "white"
        axes.plot(*marks[name], "o", color=color, markerfacecolor=face, ms=8)
    axes.set(xlabel="time, $t$", ylabel="$H(x_0|x_t)$  [nats]", xlim=(min(times), max(times)), ylim=(0, 0.7))
    axes.legend(loc="upper left")
    return figure


def score_and_denoiser(x, laws):
    r"""Draw the score and the denoiser at several noise levels, one row a level.

    Parameters
    ----------
    x : array_like, shape (M,)
        Positions on the line.
    laws : dict
        Title to Diffused, of dimension 1.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(len(laws), 2, figsize=(7.2, 2.3 * len(laws)), sharex=True, squeeze=False)
    column = np.asarray(x)[:, None]
    for (title, law), (left, right) in zip(laws.items(), axes, strict=True):
        density = np.exp(law.logpdf(column))
        score = law.score(column)[:, 0]
        top = np.abs(score).max()
        left.fill_between(x, top * density / density.max(), color=COLORS["noise"], alpha=0.45, lw=0)
        left.axhline(0, color=COLORS["bound"], lw=0.8)
        left.plot(x, score, color=COLORS["score"])
        left.set(title=title, ylabel="score $s$", ylim=(-1.1 * top, 1.1 * top))
        right.plot(x, x, "--", color=COLORS["bound"], lw=1.5, label="identity")
        right.plot(x, law.posterior_mean(column)[:, 0], color=COLORS["posterior"], label="$E[x_0|x_t]$")
        right.set(ylabel="denoised", ylim=(min(x), max(x)))
    axes[0, 1].legend(loc="upper left")
    for panel in axes[-1]:
        panel.set(xlabel="$x_t$")
    return figure


def denoising_arrows(side, law, arrows=8):
    r"""Draw arrows from noisy points to their denoised means in the plane.

    Parameters
    ----------
    side : array_like, shape (M,)
        Positions along either axis, for the shading.
    law : Diffused
        Of dimension 2.
    arrows : int
        Number of arrows along either axis.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(4.8, 4.4))
    edges = min(side), max(side)
    density = np.exp(law.logpdf(_grid(side)))
    axes.contourf(side, side, density / density.max(), np.linspace(0, 1, 7), cmap=SHADES)
    tails = _grid(np.linspace(*edges, arrows))
    steps = law.posterior_mean(tails) - tails
    axes.quiver(
        *np.moveaxis(tails, -1, 0),
        *np.moveaxis(steps, -1, 0),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.006,
        color=COLORS["score"],
    )
    axes.set(xlabel="first coordinate", ylabel="second coordinate", xlim=edges, ylim=edges, aspect="equal")
    axes.grid(visible=False)
    return figure


def reverse_paths(times, x, density, stochastic, flow):
    """Draw paths of the reverse SDE above paths of the probability flow; time runs from right to left.

    Parameters
    ----------
    times, x, density : array_like
        As for :func:`melting`.
    stochastic, flow : array_like, shape (T, n)
        Paths at the same times.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, 1, figsize=(7.2, 5.6), sharex=True)
    for panel, paths, color, title in (
        (axes[0], stochastic, COLORS["score"], "reverse SDE: new noise at every step"),
        (axes[1], flow, COLORS["other"], "probability flow: no noise"),
    ):
        _density(panel, times, x, density)
        panel.plot(times, paths, color=color, lw=0.9)
        panel.set(title=title, ylabel="$x_t$")
    axes[1].set(xlabel=r"time, $t$  (generation runs to the left $\leftarrow$)")
    return figure


def coarse_steps(noise_levels, paths, ends, x, density):
    r"""Draw reverse paths of few or many steps, and where many of them end, against the exact density.

    Parameters
    ----------
    noise_levels : array_like, shape (S,)
        Noise level at each step, falling.
    paths : array_like, shape (S, n)
        Paths at these levels.
    ends : array_like, shape (N,)
        End points of all paths.
    x, density : array_like, shape (M,)
        Positions and the density that the end points should have.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4), sharey=True, width_ratios=(1.6, 1))
    left.semilogx(noise_levels, paths, ".-", color=COLORS["score"], lw=0.9, ms=3)
    left.set(
        xlabel=r"noise level, $\sigma/\alpha$  (to the left $\leftarrow$)", ylabel="$x_t$", xlim=(0.045, 22)
    )
    bins = np.linspace(min(x), max(x), 61)
    weights = np.full(len(ends), 1 / (len(ends) * (bins[1] - bins[0])))
    right.hist(
        ends,
        bins,
        weights=weights,
        orientation="horizontal",
        histtype="stepfilled",
        color=COLORS["noise"],
        label="paths",
    )
    right.plot(density, x, color=COLORS["data"], lw=1.5, label="exact")
    right.set(xlabel="density at the end", xlim=(0, 1.45), ylim=(min(x), max(x)))
    right.legend(loc="lower right")
    return figure


def start_error(snr, divergences):
    """Draw what it costs to start from a Gaussian, in nats, against the signal-to-noise ratio at the start.

    Parameters
    ----------
    snr : array_like, shape (T,)
        Signal-to-noise ratio of p_T.
    divergences : dict
        Label to the Kullback-Leibler divergence, shape (T,), and the bound on it, shape (T,).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    styles = (("o-", "--", COLORS["rate"]), ("s-", ":", COLORS["entropy"]))
    for (label, (divergence, bound)), (solid, broken, color) in zip(divergences.items(), styles, strict=True):
        axes.loglog(snr, divergence, solid, color=color, ms=5, label=label)
        axes.loglog(snr, bound, broken, color=color, lw=1.5, label=f"bound, {label}")
    axes.set(xlabel=r"$\mathrm{snr}_T$", ylabel=r"$\mathrm{KL}(p_T\,\|\,N)$  [nats]")
    axes.legend()
    return figure


def loss_split(noise_levels, floor, loss):
    """Draw the loss of a noise predictor, split into what cannot and what could still be learned.

    Parameters
    ----------
    noise_levels : array_like, shape (T,)
        Noise levels.
    floor, loss : array_like, shape (T,)
        Least possible loss and the loss of the network.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    axes.fill_between(noise_levels, floor, color=COLORS["posterior"], alpha=0.45, lw=0, label="unlearnable")
    axes.fill_between(
        noise_levels, floor, loss, color=COLORS["score"], alpha=0.45, lw=0, hatch="//", label="learnable"
    )
    axes.plot(noise_levels, floor, color=COLORS["posterior"], label="perfect network")
    axes.plot(noise_levels, loss, "--", color=COLORS["score"], label="best linear network")
    axes.set(
        xscale="log",
        xlim=(min(noise_levels), max(noise_levels)),
        ylim=(0, None),
        xlabel=r"noise level, $\sigma/\alpha$",
        ylabel=r"$E\,|\varepsilon_\theta - z|^2$",
    )
    axes.legend()
    return figure


def _density(axes, times, x, density):
    """Shade a density over time and position, each moment relative to its peak."""
    relative = np.asarray(density) / np.max(density, axis=0)
    axes.pcolormesh(times, x, relative, cmap=SHADES, vmin=0, vmax=1, shading="gouraud", rasterized=True)
    axes.set(xscale="log", xlim=(min(times), max(times)), ylim=(min(x), max(x)))
    axes.grid(visible=False)


def _grid(side):
    """Points of a square grid, shape (M, M, 2)."""
    return np.stack(np.meshgrid(side, side), axis=-1)
