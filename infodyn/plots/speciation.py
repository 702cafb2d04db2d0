"""Figures of the chapter on the speciation time."""

import matplotlib.pyplot as plt
import numpy as np

from infodyn.plots.style import COLORS

#: Line styles, colours and widths of curves that share a panel: colour is never alone, and of curves that
#: coincide all are seen.
STYLES = ("-", "--", ":")
SHADES = ("entropy", "rate", "score")
WIDTHS = (4, 2.5, 1.5)


def vp_against_edm(curves, longest):
    r"""Draw the entropy variance of two processes against time and against rescaled time (Figure 5).

    Parameters
    ----------
    curves : dict
        Name of a process to a dict from the amplitude D to a triple (times, speciation time,
        variances), the first and last being arrays (T,).
    longest : dict
        Name of a process to the end of its axis of time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, len(curves), figsize=(7.2, 5.0), sharey=True, squeeze=False)
    for (name, by_amplitude), (top, bottom) in zip(curves.items(), axes.T, strict=True):
        for (amplitude, (t, t_s, variance)), style, shade, width in zip(
            by_amplitude.items(), STYLES, SHADES, WIDTHS, strict=False
        ):
            look = {"ls": style, "color": COLORS[shade]}
            top.plot(t, variance, **look)
            bottom.plot(t / t_s, variance, **look, lw=width, label=f"$D = {amplitude:g}$")
        bottom.axvline(1, color=COLORS["bound"], lw=1)
        top.set(title=name, xlabel="$t$", xlim=(0, longest[name]))
        bottom.set(xlabel=r"$\tau = t\,/\,t_S$", xlim=(0, 2))
    for left in axes[:, 0]:
        left.set(ylabel="variance  [nats²]", ylim=(0, 0.06))
    figure.legend(*bottom.get_legend_handles_labels(), loc="outside lower center", ncols=len(SHADES))
    return figure


def profile_limits(gamma, profile, limits, marks):
    r"""Draw the profile :math:`\Phi(\gamma)`, plainly, and on logarithmic axes with its two limits.

    Parameters
    ----------
    gamma, profile : ndarray, shape (G,)
        Effective SNR, and the variance in nats².
    limits : dict
        Label to the array (G,) of an asymptote.
    marks : dict
        Label to a value of the SNR.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    left.semilogx(gamma, profile, color=COLORS["entropy"])
    left.set(xlabel=r"$\gamma$", ylabel=r"$\Phi(\gamma)$  [nats²]", ylim=(0, 1.25 * profile.max()))
    right.loglog(gamma, profile, color=COLORS["entropy"], label=r"$\Phi$")
    for (label, values), style in zip(limits.items(), ("--", ":"), strict=False):
        right.plot(gamma, values, ls=style, color=COLORS["data"], lw=1.5, label=label)
    right.set(xlabel=r"$\gamma$", ylim=(profile.min() / 2, 30 * profile.max()))
    right.legend(loc="lower center", fontsize=10)
    for (label, mark), side in zip(marks.items(), ("right", "left"), strict=False):
        left.axvline(mark, color=COLORS["bound"], lw=1)
        space = 0.93 if side == "right" else 1.07
        left.text(mark * space, 1.16 * profile.max(), label, ha=side, color=COLORS["bound"])
    return figure


def hierarchy(gamma, profile, parts, peaks):
    r"""Draw the profile of a coarse and a fine choice, its parts, and a dot on every maximum.

    Parameters
    ----------
    gamma, profile : ndarray, shape (G,)
        Effective SNR, and :math:`\Phi(\gamma)` in nats².
    parts : dict
        Label to the array (G,) of one choice alone.
    peaks : tuple of ndarray
        The maximisers, and the values there.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    axes.semilogx(gamma, profile, color=COLORS["entropy"], lw=3, label="both")
    for (label, values), style, shade in zip(parts.items(), STYLES[1:], SHADES[1:], strict=False):
        axes.plot(gamma, values, ls=style, color=COLORS[shade], label=label)
    axes.plot(*peaks, "o", color=COLORS["data"], ms=6)
    axes.set(xlabel=r"$\gamma$", ylabel="variance  [nats²]", ylim=(0, 0.125), xlim=(gamma[0], gamma[-1]))
    figure.legend(loc="outside upper center", ncols=len(SHADES))
    return figure


def plateau(tau, class_variance, full_variance, level, gamma, excess):
    r"""Draw the variance of the class entropy and of the full entropy; and how the plateau is reached.

    Parameters
    ----------
    tau : ndarray, shape (T,)
        Time over speciation time.
    class_variance, full_variance : ndarray, shape (T,)
        Variances of H(c|x_t) and of H(x_0|x_t), nats².
    level : float
        The plateau of the latter.
    gamma, excess : ndarray, shape (G,)
        Effective SNR, and the full variance less its plateau, in units of its tail.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2)
    left.axhline(level, color=COLORS["bound"], lw=1)
    left.plot(tau, full_variance, ls="--", color=COLORS["other"], label=r"full, $H(x_0|x_t)$")
    left.plot(tau, class_variance, color=COLORS["entropy"], label=r"class, $H(c|x_t)$")
    left.set(xlabel=r"$\tau = t\,/\,t_S$", ylabel="variance  [nats²]", ylim=(0, 0.5), xlim=(0, tau[-1]))
    right.semilogx(gamma, excess, ls="--", color=COLORS["other"])
    right.axhline(0, color=COLORS["bound"], lw=1)
    right.set(xlabel=r"$\gamma$", ylabel="above the plateau, scaled", ylim=(-1, 2))
    right.set_xlim(gamma[0], gamma[-1])
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def power_clock(clocks, profile, amplitudes, widths):
    r"""Draw one variance by some clock for several amplitudes, and how wide its peak is for each.

    Parameters
    ----------
    clocks : dict
        Amplitude D to the array (T,) of times, in units of the time at which :math:`\gamma = 1`.
    profile : ndarray, shape (T,)
        The variance, nats², the same for every D.
    amplitudes : ndarray, shape (A,)
    widths : dict
        Label to the array (A,) of the peak's width over its place; this clock first, then others.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    for (amplitude, times), style, shade, width in zip(clocks.items(), STYLES, SHADES, WIDTHS, strict=False):
        label = f"$D = 10^{{{np.log10(amplitude):.0f}}}$"
        left.plot(times, profile, ls=style, color=COLORS[shade], lw=width, label=label)
    left.axvline(1, color=COLORS["bound"], lw=1)
    left.set(xlabel="time, in units of that of $\\gamma = 1$", ylabel="variance  [nats²]", xlim=(0, 2))
    left.set_ylim(0, 0.06)
    looks = (("o-", "data"), ("--", "bound"), (":", "bound"))
    for (label, ratio), (style, shade) in zip(widths.items(), looks, strict=False):
        right.loglog(amplitudes, ratio, style, color=COLORS[shade], lw=1.5, ms=4, label=label)
    right.set(xlabel="$D$", ylabel="width / place of the peak", ylim=(0.015, 4))
    right.minorticks_off()
    right.legend(loc="lower left", fontsize="small")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(SHADES))
    return figure


def collapse_and_speciation(t, mean, predicted, variance, class_variance, marks):
    r"""Draw mean and variance of the empirical posterior's entropy for a finite data set.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    mean, predicted : ndarray, shape (T,)
        Mean of H(x_0|x_t) over noisy points, and what a large data set would give, nats.
    variance, class_variance : ndarray, shape (T,)
        Variances of H(x_0|x_t) and of H(c|x_t), nats².
    marks : dict
        Label to a time.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 4.8), sharex=True)
    top.semilogx(t, mean, color=COLORS["entropy"], label="data set")
    top.semilogx(t, predicted, ls="--", color=COLORS["data"], lw=1.5, label="no fluctuations")
    top.set_ylabel(r"$H(x_0|x_t)$  [nats]")
    top.legend(loc="lower right")
    bottom.loglog(t, variance, color=COLORS["entropy"], label=r"$\mathrm{Var}\,H(x_0|x_t)$")
    bottom.loglog(t, class_variance, ls="--", color=COLORS["other"], label=r"$\mathrm{Var}\,H(c|x_t)$")
    bottom.set(xlabel="$t$", ylabel="variance  [nats²]", ylim=(1e-4, 5))
    bottom.legend(loc="lower center")
    for label, time in marks.items():
        top.axvline(time, color=COLORS["bound"], lw=1)
        bottom.axvline(time, color=COLORS["bound"], lw=1)
        top.text(
            time,
            1.02,
            label,
            ha="center",
            va="bottom",
            color=COLORS["bound"],
            transform=top.get_xaxis_transform(),
        )
    return figure


def whole_story(noise, x, density, path_noise, paths, share, variance, forks):
    r"""Draw density and paths, the share of the noise that becomes information, and the variance.

    Parameters
    ----------
    noise : ndarray, shape (T,)
        Noise levels.
    x : ndarray, shape (M,)
        Places.
    density : ndarray, shape (T, M)
        Density of the noisy point.
    path_noise : ndarray, shape (S,)
        Noise levels of the paths.
    paths : ndarray, shape (S, n)
        Generated paths.
    share : ndarray, shape (T,)
        Rate of the entropy as a share of the bandwidth, :math:`1 - \sigma^2 E\|s\|^2/D`.
    variance : ndarray, shape (T,)
        Variance of the pathwise entropy, nats².
    forks : array_like
        Noise levels at which a fixed point loses its stability.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(3, 1, figsize=(7.2, 6.6), sharex=True, height_ratios=(2.2, 1, 1))
    top, middle, bottom = axes
    shade = (density / density.max(axis=1, keepdims=True)).T
    top.pcolormesh(noise, x, shade, cmap="Greys", vmax=1.6, shading="gouraud", rasterized=True)
    top.plot(path_noise, paths, color=COLORS["noise"], lw=0.9)
    top.set(ylabel="$x_t$", ylim=(x.min(), x.max()))
    middle.plot(noise, share, color=COLORS["rate"])
    middle.set(ylabel="share of\nthe noise used", ylim=(0, None))
    bottom.plot(noise, variance, color=COLORS["entropy"])
    bottom.set(ylabel="variance\n[nats²]", ylim=(0, None))
    bottom.set(xscale="log", xlabel=r"noise level $\sigma$   (generation runs from right to left)")
    bottom.set_xlim(noise.min(), noise.max())
    for panel in axes:
        for fork in forks:
            panel.axvline(fork, color=COLORS["bound"], lw=1, ls=":")
    return figure
