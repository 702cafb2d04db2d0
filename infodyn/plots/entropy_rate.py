"""Figures of the chapter on the entropy rate."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from infodyn.plots.style import COLORS

#: Line styles for curves that share a panel, so that colour is never alone.
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 0.6)))
#: Colours for curves that share a quantity.
SHADES = ("entropy", "rate", "score", "posterior", "other", "data")


def _curves(axes, t, curves, **options):
    """Draw labelled curves, each with its own colour and line style."""
    for (label, values), style, shade in zip(curves.items(), STYLES, SHADES, strict=False):
        axes.plot(t, values, ls=style, color=COLORS[shade], label=label, **options)


def entropy_and_rates(t, sets, choices):
    r"""Draw :math:`H(x_0|x_t)` above its rates per t and per ln t, one column a data law.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    sets : dict
        Title to a pair (entropy, rate) of arrays (T,), the rate per unit of t.
    choices : dict
        Title to the times at which a fixed point loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, len(sets), figsize=(7.2, 4.8), sharex=True, squeeze=False)
    for (title, (entropy, rate)), (top, bottom) in zip(sets.items(), axes.T, strict=True):
        top.semilogx(t, entropy, color=COLORS["entropy"])
        top.set_title(title)
        bottom.semilogx(t, rate, color=COLORS["rate"], label=r"per $t$")
        bottom.semilogx(t, t * rate, color=COLORS["rate"], ls="--", label=r"per $\ln t$")
        for time in choices[title]:
            for panel in (top, bottom):
                panel.axvline(time, color=COLORS["bound"], ls=":", lw=1.5)
        bottom.set_xlabel("$t$")
    axes[0, 0].set_ylabel(r"$H(x_0|x_t)$  [nats]")
    axes[1, 0].set_ylabel(r"rate  [nats]")
    axes[1, 0].legend()
    return figure


def tree_rates(tree, places, t, entropy, rate, levels):
    r"""Draw points on the line with their tree, and below them :math:`H(x_0|x_t)` and its rate per ln t.

    Parameters
    ----------
    tree : nested pairs of int
        The points, by number, as the questions part them.
    places : array_like, shape (n,)
        The data, equally likely.
    t, entropy, rate : ndarray, shape (T,)
        Times, entropy in nats, and rate per unit of ln t.
    levels : array_like
        Entropy that is open when the answers are lost up to each scale, from the finest on.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.6), height_ratios=(1.4, 5))
    _brackets(top, tree, places)
    top.plot(places, np.zeros(len(places)), "o", color=COLORS["data"])
    top.set(xlim=(-0.2, 4.2), ylim=(-0.4, 3.2), yticks=[])
    top.spines["left"].set_visible(False)
    top.grid(visible=False)
    bottom.semilogx(t, entropy, color=COLORS["entropy"], label="$H(x_0|x_t)$")
    bottom.semilogx(t, rate, color=COLORS["rate"], ls="--", label=r"rate per $\ln t$")
    peaks = np.flatnonzero((rate[1:-1] > rate[:-2]) & (rate[1:-1] > rate[2:])) + 1
    bottom.plot(t[peaks], rate[peaks], "s", color=COLORS["rate"])
    for level in levels:
        bottom.axhline(level, color=COLORS["bound"], lw=1, ls=":")
        bottom.text(t[-1], level, f"{level:.2f}", color=COLORS["bound"], ha="right", va="bottom")
    bottom.set(xlabel="$t$", ylabel="nats", xlim=(t[0], t[-1]), ylim=(0, 1.6))
    bottom.legend(loc="upper left", bbox_to_anchor=(0, 0.85))
    return figure


def _brackets(axes, tree, places):
    """Draw a tree's questions as brackets; return where the upper one stands, and how high."""
    if isinstance(tree, int):
        return places[tree], 0
    (left, low), (right, high) = (_brackets(axes, part, places) for part in tree)
    height = 1 + max(low, high)
    axes.plot([left, left, right, right], [low, height, height, high], color=COLORS["bound"], lw=1.2)
    return (left + right) / 2, height


def ambiguity_map(side, variance, top, path):
    r"""Draw the posterior variance over the plane at one time, with paths of the probability flow.

    Parameters
    ----------
    side : ndarray, shape (M,)
        Positions along either axis.
    variance : ndarray, shape (M, M)
        :math:`\mathrm{tr\,Cov}[x_0|x]`.
    top : float
        The variance of the brightest colour.
    path : ndarray, shape (S, n, 2)
        The paths so far, the last step being the present.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(5.6, 4.6))
    shades = axes.contourf(side, side, variance, np.linspace(0, top, 9), cmap="magma")
    axes.plot(*np.moveaxis(path, -1, 0), color=COLORS["noise"], lw=1, alpha=0.8)
    axes.plot(*path[-1].T, "o", color="white", mec=COLORS["data"], ms=5)
    edges = side[0], side[-1]
    axes.set(xlim=edges, ylim=edges, aspect="equal", xlabel="first coordinate", ylabel="second coordinate")
    axes.grid(visible=False)
    figure.colorbar(shades, label=r"$\mathrm{tr\,Cov}[x_0|x]$", ticks=[0, top], format="%.1f", shrink=0.8)
    return figure


def rate_routes(t, rate, deviations):
    r"""Draw the rate above the relative deviation of each route from it.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    rate : ndarray, shape (T,)
        Reference.
    deviations : dict
        Route to the array (T,) of :math:`|\dot H_{\mathrm{route}}/\dot H - 1|`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.2, 6.0), sharex=True, gridspec_kw={"height_ratios": (1, 1.7)}
    )
    top.loglog(t, rate, color=COLORS["rate"])
    top.set(ylabel=r"$\dot H$  [nats per $t$]", ylim=(rate.min(), 10))
    floor = np.finfo(float).eps / 4
    _curves(bottom, t, {route: np.maximum(gap, floor) for route, gap in deviations.items()})
    bottom.axhline(1, color=COLORS["bound"], lw=1)
    bottom.text(t[-1], 1.6, "no digit left", ha="right", va="bottom", color=COLORS["bound"])
    bottom.set(xscale="log", yscale="log", xlabel="$t$", ylabel="relative deviation", ylim=(floor, 1e4))
    figure.legend(*bottom.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def score_norms(t, norms):
    r"""Draw :math:`t^2 E\|s\|^2 / D` of some data laws below its bound 1.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    norms : dict
        Label to the array (T,) of :math:`t^2 E\|s\|^2 / D`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    axes.axhline(1, color=COLORS["bound"], lw=4, alpha=0.5)
    _curves(axes, t, norms)
    axes.set(xscale="log", xlabel="$t$", ylabel=r"$t^2\,E\|s\|^2 / D$", ylim=(0, 1.08))
    axes.legend()
    return figure


def pointwise_norm(variance, norm, now, t, share, concentration):
    r"""Draw squared score against posterior variance at noisy points, and their means through time.

    Parameters
    ----------
    variance, norm : ndarray, shape (n,)
        :math:`\mathrm{tr\,Cov}[x_0|x]` and :math:`t^2\|s(x)\|^2` at the time `now`.
    now : float
        The time.
    t, share, concentration : ndarray, shape (T,)
        Times, :math:`t^2 E\|s\|^2 / D`, and :math:`H(x_0|x_t)/H(x_0)`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4), width_ratios=(1.3, 1))
    left.plot(variance, norm, ".", color=COLORS["score"], ms=4, alpha=0.6, label="one noisy point")
    left.plot(variance.mean(), norm.mean(), "D", color=COLORS["data"], ms=9, label="the mean of all")
    left.set(
        xlabel=r"$\mathrm{tr\,Cov}[x_0|x]$", ylabel=r"$t^2\,\|s(x)\|^2$", xlim=(-0.03, 1.03), ylim=(0, 9)
    )
    left.legend(loc="upper right")
    for curve, color, style, label in (
        (share, "score", "-", r"$t^2 E\|s\|^2/D$"),
        (concentration, "entropy", "--", r"$H(x_0|x_t)/\ln 3$"),
    ):
        right.semilogx(t, curve, style, color=COLORS[color], label=label)
        right.plot(now, np.interp(now, t, curve), "o", color=COLORS[color])
    right.set(xlabel="$t$", xlim=(t[0], t[-1]), ylim=(0, 1.3), yticks=[0, 0.5, 1])
    right.legend(loc="upper left")
    return figure


def collision(ratio, sums):
    r"""Draw the mean concentration :math:`E\sum_i w_i^2` of N orthogonal points, with its floor 1/N.

    Parameters
    ----------
    ratio : ndarray, shape (T,)
        Noise level over radius, t/R.
    sums : dict
        N to the array (T,) of :math:`E\sum_i w_i^2`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    _curves(axes, ratio, {f"$N = {number}$": values for number, values in sums.items()})
    for number, shade in zip(sums, SHADES, strict=False):
        axes.axhline(1 / number, color=COLORS[shade], lw=1, ls=":", alpha=0.8)
    axes.set(xscale="log", xlabel="$t/R$", ylabel=r"$E\,\Sigma_i\,w_i^2$", ylim=(0, 1.05))
    axes.legend()
    return figure


def nearly_orthogonal(dims, errors, steps):
    r"""Draw how fast random points become orthogonal, with the slope -1/2.

    Parameters
    ----------
    dims : array_like, shape (n,)
        Dimensions D.
    errors : dict
        Label to the array (n,) of what should fall as :math:`D^{-1/2}`.
    steps : dict
        Label to the array (n,) of its standard errors.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.4))
    for (label, values), marker, shade in zip(errors.items(), "os^", SHADES, strict=False):
        axes.errorbar(dims, values, steps[label], fmt=marker, color=COLORS[shade], label=label, capsize=3)
    axes.plot(dims, np.asarray(dims) ** -0.5, color=COLORS["bound"], ls="--", label=r"$D^{-1/2}$")
    axes.set(xscale="log", yscale="log", xlabel="$D$", ylabel="deviation")
    axes.set_xticks(dims, [f"{dim}" for dim in dims])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend()
    return figure


def merging_groups(t, sums, spread, levels):
    r"""Draw :math:`1 - E\sum w^2`, which counts, against :math:`\mathrm{mmse}/R^2`, which measures.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Noise level over radius.
    sums : ndarray, shape (T,)
        :math:`1 - E\sum_i w_i^2`.
    spread : ndarray, shape (T,)
        :math:`\mathrm{mmse}/R^2`.
    levels : dict
        Label to a level 1 - G/N of (32).

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    axes.semilogx(t, sums, color=COLORS["posterior"], ls="--", label=r"counting: $1 - E\,\Sigma_i\,w_i^2$")
    axes.semilogx(t, spread, color=COLORS["rate"], label=r"measuring: $\mathrm{mmse}/R^2$")
    for label, level in levels.items():
        axes.axhline(level, color=COLORS["bound"], ls=":", lw=1.5)
        axes.text(t[0], level, label, va="bottom", color=COLORS["bound"], fontsize=10)
    axes.set(xlabel="$t/R$", ylim=(0, 1), ylabel="deviation, in units $R^2/t^4$")
    axes.legend(loc="lower right")
    return figure


def losses(t, rate, curves):
    r"""Draw :math:`t^2` times the denoising loss of some scores against the true rate per ln t.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    rate : ndarray, shape (T,)
        :math:`t\dot H`, nats.
    curves : dict
        Label to the array (T,) of :math:`t^2 E\|s_\theta + z/t\|^2`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 4.0))
    axes.semilogx(t, rate, color=COLORS["rate"], lw=5, alpha=0.5, label=r"true rate, $t\dot H$")
    for (label, values), style, shade in zip(
        curves.items(), STYLES[1:], ("score", "noise", "data"), strict=False
    ):
        axes.semilogx(t, values, ls=style, color=COLORS[shade], label=label)
    axes.set(xlabel="$t$", ylabel=r"$t^2\times$ loss  [nats per $\ln t$]", ylim=(0, 1.5))
    axes.legend()
    return figure


def bandwidth(t, curves, plateaus):
    r"""Draw :math:`t\dot H` of some data laws with the levels they approach.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    curves : dict
        Label to the array (T,) of :math:`t\dot H`.
    plateaus : dict
        Label to a level.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.8))
    for label, level in plateaus.items():
        axes.axhline(level, color=COLORS["bound"], ls=":", lw=1.5)
        axes.text(t[-1], level, label, ha="right", va="bottom", color=COLORS["bound"])
    _curves(axes, t, curves)
    axes.set(xscale="log", xlabel="$t$", ylabel=r"$t\,\dot H$  [nats per $\ln t$]", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=2)
    return figure
