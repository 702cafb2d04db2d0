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


def indecision(t, entropies, minority, level):
    r"""Draw the entropy along paths, those that end at the less likely side apart.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Falling times.
    entropies : ndarray, shape (T, n)
        Nats.
    minority : ndarray of bool, shape (n,)
        Whether a path ends at the less likely side.
    level : float
        The entropy of full indecision, drawn as a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    majority = axes.semilogx(t, entropies[:, ~minority], color=COLORS["noise"], lw=1.0)
    fewer = axes.plot(t, entropies[:, minority], color=COLORS["rate"], lw=1.3, ls="--")
    axes.axhline(level, color=COLORS["bound"], lw=1)
    axes.text(
        t[0], level, "full indecision", color=COLORS["bound"], va="bottom", ha="right", fontsize="small"
    )
    axes.set(xlabel="$t$  (generation runs to the left)", ylabel="entropy  [nats]")
    axes.set(xlim=(t[-1], t[0]), ylim=(-0.02, 1.12 * level))
    ends = ["ends at the majority", "ends at the minority"]
    figure.legend([majority[0], fewer[0]], ends, loc="outside upper center", ncols=2)
    return figure


def coming_back(snr, weights, level, law, share):
    r"""Draw weights of a near loser, those that reach a level apart, beside the law of how many do.

    Parameters
    ----------
    snr : ndarray, shape (T,)
        Signal-to-noise ratio, grown since the start.
    weights : ndarray, shape (T, n)
        Posterior weight of the near loser along each path.
    level : float
        The weight to come back to.
    law : tuple of ndarray, each of shape (B,)
        Levels, and the share of paths that comes back to each.
    share : float
        The share of simulated paths that reaches ``level``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    back = weights.max(axis=0) >= level
    left.plot(snr, weights[:, ~back], color=COLORS["noise"], lw=0.8)
    left.plot(snr, weights[:, back], color=COLORS["rate"], lw=1.2, ls="--")
    left.set(xlabel="signal-to-noise ratio gained", ylabel="weight of the near loser", ylim=(0, 1.02))
    levels, returned = law
    right.plot(returned, levels, color=COLORS["entropy"], label="$a/b$")
    right.plot(share, level, "o", color=COLORS["data"], label="simulated")
    right.set(xlabel="share that comes back to $b$", xlim=(0, 1))
    right.legend(loc="upper right")
    for panel in (left, right):
        panel.axhline(level, color=COLORS["bound"], lw=1, ls=":")
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
    figure, (left, right) = plt.subplots(1, 2)
    place = np.arange(len(steps))
    _curves(left, place, {label: entropy for label, (entropy, _) in stories.items()}, marker="o")
    left.plot(place, mean, color=COLORS["data"], ls=":", marker="s", label="mean over texts")
    _curves(right, place, {label: surprise for label, (_, surprise) in stories.items()}, marker="o")
    left.set(title="entropy of the text", ylim=(-0.1, 3.1))
    right.set(title="self-information of the text", ylim=(-0.3, 7.8))
    for panel in (left, right):
        panel.set(xticks=place, xticklabels=steps, ylabel="nats")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def crowd(t, entropies, now, present, variance):
    r"""Draw the entropy along paths up to a moment, and how a crowd of paths is spread at it.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Falling times.
    entropies : ndarray, shape (T, n)
        Nats, along a few paths.
    now : int
        Index of the moment.
    present : ndarray, shape (N,)
        Entropies of many paths at that moment.
    variance : ndarray, shape (T,)
        Variance of the entropy at each time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 4.0))
    (top, side), (bottom, corner) = figure.subplots(2, 2, width_ratios=(3, 1), height_ratios=(5, 3))
    corner.set_axis_off()
    top.semilogx(t[: now + 1], entropies[: now + 1], color=COLORS["noise"], lw=1.2)
    top.plot(t[now:], entropies[now:], color=COLORS["noise"], lw=0.6, alpha=0.4)
    top.plot(np.full(entropies.shape[1], t[now]), entropies[now], "o", color=COLORS["data"], ms=3)
    top.set(ylabel="entropy  [nats]", ylim=(-0.02, 0.72), xlim=(t[-1], t[0]), xticklabels=[])
    side.hist(
        present,
        np.linspace(0, np.log(2), 11),
        weights=np.full(len(present), 1 / len(present)),
        orientation="horizontal",
        color=COLORS["entropy"],
        edgecolor="white",
    )
    side.set(xlim=(0, 1), ylim=(-0.02, 0.72), yticklabels=[], xlabel="share of paths")
    bottom.semilogx(t, variance, color=COLORS["entropy"], ls="--")
    bottom.plot(t[now], variance[now], "o", color=COLORS["data"])
    bottom.set(xlabel="$t$  (generation runs to the left)", ylabel="variance  [nats²]")
    bottom.set(xlim=(t[-1], t[0]), ylim=(0, 0.06))
    return figure


def clock_of_a_rate(gamma, curves, tops):
    r"""Draw curves that announce a decision, each over its greatest value, with a mark on each top.

    Parameters
    ----------
    gamma : ndarray, shape (G,)
        Effective SNR.
    curves : dict
        Label to an array (G,): the variance, and a rate by some clock.
    tops : sequence of tuple
        Place and height of the top of each curve.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    _curves(
        axes,
        gamma,
        {label: values / top[1] for (label, values), top in zip(curves.items(), tops, strict=True)},
    )
    for (place, _), shade, mark in zip(tops, SHADES, "Do", strict=False):
        axes.plot(place, 1, mark, color=COLORS[shade])
    axes.axvline(1, color=COLORS["bound"], lw=1)
    axes.text(1, 1.08, "fork ", color=COLORS["bound"], ha="right")
    axes.set(xscale="log", xlabel=r"$\gamma = \alpha_t^2/\sigma_t^2$", ylim=(0, 1.18))
    axes.set(ylabel="share of the greatest", xlim=(gamma[0], gamma[-1]))
    figure.legend(loc="outside upper center", ncols=2)
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
