"""Figures of the chapter on stochastic thermodynamics."""

import matplotlib.pyplot as plt
import numpy as np

from infodyn.plots.style import COLORS

#: Line styles, colours and widths of curves that share a panel, so that colour is never alone.
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
SHADES = ("entropy", "rate", "score", "posterior", "other")


def _curves(axes, x, curves, **options):
    """Draw labelled curves, each with its own colour and line style."""
    for (label, values), style, shade in zip(curves.items(), STYLES, SHADES, strict=False):
        axes.plot(x, values, ls=style, color=COLORS[shade], label=label, **options)


def pathwise_entropies(laws):
    r"""Draw the entropy along paths with its mean, above its variance, one column a law (Figure 3).

    The path with the greatest rise, in the order of time in which generation runs, is drawn heavily.

    Parameters
    ----------
    laws : dict
        Title to (times, entropies, mean, variance, marks): arrays (T,) of falling times, (T, n), (T,),
        (T,), and the times at which a fixed point loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, len(laws), figsize=(7.2, 5.0), sharex="col", squeeze=False)
    for (title, (t, entropies, mean, variance, marks)), (top, bottom) in zip(
        laws.items(), axes.T, strict=True
    ):
        top.semilogx(t, entropies, color=COLORS["noise"], lw=0.7, alpha=0.5)
        rises = (entropies - np.minimum.accumulate(entropies)).max(axis=0)
        top.plot(t, entropies[:, np.argmax(rises)], color=COLORS["data"], lw=1.3, ls="-.", label="one path")
        top.plot(t, mean, color=COLORS["entropy"], lw=3, label="mean of all")
        top.set_title(title)
        bottom.plot(t, variance, color=COLORS["entropy"], ls="--")
        for panel in (top, bottom):
            for mark in marks:
                panel.axvline(mark, color=COLORS["bound"], ls=":", lw=1.5)
        bottom.set_xlabel("$t$  (generation runs to the left)")
    axes[0, 0].set_ylabel("entropy  [nats]")
    axes[1, 0].set_ylabel("variance  [nats²]")
    axes[0, 0].legend(loc="lower right")
    return figure


def small_noise(t, variances):
    r"""Draw variances at small noise on logarithmic axes.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    variances : dict
        Label to an array (T,).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    _curves(axes, t, variances)
    axes.set(xscale="log", yscale="log", xlabel="$t$", ylabel="variance  [nats²]", ylim=(1e-10, 60))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right center")
    return figure


def class_split(x, parts):
    r"""Draw the terms of the entropy's split by classes, point by point (69).

    Parameters
    ----------
    x : ndarray, shape (M,)
        Points.
    parts : dict
        Title to a dict from label to an array (M,); one panel a title.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(parts), figsize=(7.2, 3.2), sharey=True, squeeze=False)
    for panel, (title, curves) in zip(axes[0], parts.items(), strict=True):
        _curves(panel, x, curves)
        panel.set(title=title, xlabel="$x$")
    axes[0, 0].set_ylabel("nats")
    figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def two_samplers(t, samplers, level):
    r"""Draw the entropy along the paths of some samplers, those that rise to a level apart.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Falling times.
    samplers : dict
        Title to a pair (entropies, chosen): an array (T, n), and a mask (n,) of paths to set apart.
    level : float
        The greatest entropy, drawn as a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(samplers), figsize=(7.2, 3.4), sharey=True, squeeze=False)
    for panel, (title, (entropies, chosen)) in zip(axes[0], samplers.items(), strict=True):
        panel.semilogx(t, entropies[:, ~chosen], color=COLORS["noise"], lw=0.8, alpha=0.7)
        panel.plot(t, entropies[:, chosen], color=COLORS["rate"], lw=1.1, ls="--", alpha=0.9)
        panel.axhline(level, color=COLORS["bound"], lw=1)
        panel.set(title=title, xlabel="$t$  (generation runs to the right)", xlim=(t[0], t[-1]))
    axes[0, 0].set_ylabel("entropy  [nats]")
    return figure


def return_law(levels, law, simulated):
    r"""Draw how often the weight of a near loser comes back to a level.

    Parameters
    ----------
    levels, law : ndarray, shape (B,)
        Levels b, and the share of paths that comes back to each.
    simulated : tuple of ndarray, each of shape (S,)
        Levels, the share of simulated paths, and its standard error.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(5.4, 3.2))
    axes.plot(levels, law, color=COLORS["entropy"], label="$a/b$")
    places, share, error = simulated
    axes.errorbar(places, share, 2 * error, fmt="o", color=COLORS["data"], label="paths, ± 2 s.e.")
    axes.set(xlabel="weight $b$ to come back to", ylabel="share of paths", ylim=(0, None))
    axes.legend()
    return figure


def rare_token(steps, stories, mean):
    r"""Draw entropy and self-information of some texts as their tokens are told.

    Parameters
    ----------
    steps : list of str
        What is known.
    stories : dict
        Label to a pair (entropies, self-informations), arrays of one number a step.
    mean : ndarray
        Mean entropy over all texts.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    place = np.arange(len(steps))
    _curves(left, place, {label: entropy for label, (entropy, _) in stories.items()}, marker="o")
    left.plot(place, mean, color=COLORS["data"], ls=":", marker="s", label="mean over texts")
    _curves(right, place, {label: surprise for label, (_, surprise) in stories.items()}, marker="o")
    for panel in (left, right):
        panel.set(xticks=place, xticklabels=steps, ylabel="nats")
    left.set_title("entropy of the text")
    right.set_title("self-information of the text")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def clocks_of_a_peak(gamma, variance, rates):
    r"""Draw the variance beside the entropy's rates in some clocks, each over its greatest value.

    Parameters
    ----------
    gamma : ndarray, shape (G,)
        Effective SNR.
    variance : ndarray, shape (G,)
    rates : dict
        Label to an array (G,).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    axes.plot(gamma, variance / variance.max(), color=COLORS["entropy"], lw=3, label="variance, every clock")
    for (label, rate), style, shade in zip(rates.items(), STYLES[1:], SHADES[1:], strict=False):
        axes.plot(gamma, rate / rate.max(), ls=style, color=COLORS[shade], label=label)
    axes.axvline(1, color=COLORS["bound"], lw=1)
    axes.text(1.04, 0.0, "the fixed point splits", color=COLORS["bound"], fontsize="small")
    axes.set(xscale="log", xlabel=r"$\gamma = \alpha_t^2/\sigma_t^2$", ylabel="share of the greatest")
    axes.legend(loc="upper left", fontsize="small")
    return figure


def variance_peak(curves):
    r"""Draw the entropy variance against time in units of the speciation time (Figure 4).

    Parameters
    ----------
    curves : dict
        Amplitude D to a pair (tau, variance) of arrays.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    for (amplitude, (tau, variance)), style, shade in zip(curves.items(), STYLES, SHADES, strict=False):
        axes.plot(tau, variance, ls=style, color=COLORS[shade], label=f"$D = {amplitude}$")
    axes.axvline(1, color=COLORS["bound"], lw=1)
    axes.set(xlabel=r"$\tau = t\,/\,t_S$", ylabel="variance  [nats²]", ylim=(0, None))
    axes.legend()
    return figure
