"""Figures of the page on handwritten digits."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from infodyn.plots.style import COLORS

#: Line styles, in the order drawn, so that colour is never alone.
STYLES = ("-", "--", ":")


def noisy_digits(noisy, means, titles, guesses):
    """Draw noisy digits above what the posterior makes of them, one column a time.

    Parameters
    ----------
    noisy, means : array_like, shape (T, 64)
        A noisy digit and its posterior mean at each time.
    titles, guesses : list of str
        What stands above the noisy digit, and below its posterior mean.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, len(titles), figsize=(5.6, 3.0), squeeze=False)
    for column, x, mean, title, guess in zip(axes.T, noisy, means, titles, guesses, strict=True):
        _image(column[0], x)
        _image(column[1], mean, limits=(0, 1))
        column[0].set_title(title)
        column[1].set_xlabel(guess)
    axes[0, 0].set_ylabel("noisy")
    axes[1, 0].set_ylabel("posterior mean")
    return figure


def digit_posterior(noisy, mean, best, captions, chances, t, bits, now):
    """Draw a noisy digit, what its posterior makes of it, and the bits that are open through time.

    Parameters
    ----------
    noisy, mean : array_like, shape (64,)
        The noisy digit and its posterior mean.
    best : array_like, shape (n, 64)
        The most probable stored digits.
    captions : list of str
        What stands below each of these.
    chances : array_like, shape (10,)
        The probability of each digit.
    t : array_like, shape (T,)
        Times.
    bits : dict
        Question to the bits of it that are open for this digit at each time, shape (T,).
    now : float
        The time of the pictures.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 4.0))
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.9))
    panels = above.subplots(1, 2 + len(best))
    _image(panels[0], noisy)
    for panel, pixels in zip(panels[1:], (mean, *best), strict=True):
        _image(panel, pixels, limits=(0, 1))
    for panel, caption in zip(panels, ("noisy", "mean", *captions), strict=True):
        panel.set_xlabel(caption)
    left, right = below.subplots(1, 2)
    left.bar(range(10), chances, color=COLORS["posterior"])
    left.set(xlabel="digit", ylabel="chance", xticks=range(10), ylim=(0, 1.05), yticks=[0, 0.5, 1])
    left.grid(axis="x", visible=False)
    for style, (name, curve) in zip(STYLES, bits.items(), strict=False):
        right.semilogx(t, curve, style, color=COLORS["entropy"], label=name)
        right.plot(now, np.interp(now, t, curve), "o", color=COLORS["entropy"])
    right.set(ylabel="bits open", ylim=(0, 11))
    _times(right, t)
    right.legend(loc="upper left")
    return figure


def confusion(table, t, open_bits, right_guesses, now):
    """Draw how the digits are confused at one noise level, and bits and guesses at all of them.

    Parameters
    ----------
    table : array_like, shape (10, 10)
        Mean probability of each digit (columns) for each true one (rows).
    t, open_bits, right_guesses : array_like, shape (T,)
        Times, bits open about the digit, and how often the best guess is right.
    now : float
        The time of the table.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.5))
    left.imshow(table, cmap="gray_r", vmin=0, vmax=1, interpolation="none")
    for row, column in np.argwhere(np.asarray(table) >= 0.105):
        value = table[row][column]
        shade = "white" if value > 0.5 else "black"
        left.text(column, row, f"{100 * value:.0f}", color=shade, fontsize=8, ha="center", va="center")
    left.set(xlabel="read as", ylabel="is", xticks=range(10), yticks=range(10), title="mean chance, in %")
    left.grid(visible=False)
    right.semilogx(t, open_bits, color=COLORS["entropy"], label="bits open")
    right.semilogx(t, right_guesses, "--", color=COLORS["posterior"], label="share of right guesses")
    for curve, color in ((open_bits, "entropy"), (right_guesses, "posterior")):
        right.plot(now, np.interp(now, t, curve), "o", color=COLORS[color])
    right.set(ylim=(0, 4.4))
    _times(right, t)
    right.legend(loc="upper left")
    return figure


def memoriser(pictures, t, error, idle, now):
    r"""Draw what a memoriser makes of a digit that it has not stored, and its mean squared error.

    Parameters
    ----------
    pictures : sequence of array_like, shape (64,)
        A new digit, its noisy copy, the answer, and the most probable stored digit.
    t, error, idle : array_like, shape (T,)
        Times, the memoriser's mean squared error, and that of leaving the noise in.
    now : float
        The time of the noisy copy.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 3.6))
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.3))
    panels, titles = left.subplots(2, 2).ravel(), ("new", f"noisy, $t = {now:g}$", "denoised", "stored")
    for panel, pixels, title in zip(panels, pictures, titles, strict=True):
        _image(panel, pixels, limits=(0, 1))
        panel.set_title(title)
    axes = right.subplots()
    axes.loglog(t, error, color=COLORS["posterior"], label="memoriser")
    axes.loglog(t, idle, "--", color=COLORS["bound"], label="noise left in")
    axes.plot(now, np.exp(np.interp(np.log(now), np.log(t), np.log(error))), "o", color=COLORS["posterior"])
    axes.set(ylabel="mean squared error", ylim=(0.1, 300))
    _times(axes, t)
    axes.legend(loc="upper left")
    return figure


def two_questions(t, entropies, hits, bound, marks):
    r"""Draw the entropies of two questions, and how often their best guesses are right, against t.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    entropies, hits : dict
        Question to an Estimate of arrays (T,): its entropy in nats, and how often the best guess is right.
    bound : ndarray, shape (T,)
        A lower bound on the first entropy.
    marks : dict
        Question to the time at which one bit of it is open.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(7.2, 6.4), sharex=True)
    highest = max(np.max(value) for value, _ in entropies.values())
    _bands(top, t, entropies, COLORS["entropy"])
    top.plot(t, bound, color=COLORS["bound"], ls="-.", lw=1.5, label="Gaussian bound")
    top.axhline(np.log(2), color=COLORS["bound"], lw=1)
    top.text(t[0], np.log(2), "1 bit", color=COLORS["bound"], va="bottom")
    top.set_ylabel("entropy  [nats]")
    _bands(bottom, t, hits, COLORS["posterior"])
    bottom.set(ylabel="best guess is right", xlabel="time, $t$", ylim=(0, 1.05))
    for style, time in zip(STYLES, marks.values(), strict=False):
        for panel in (top, bottom):
            panel.axvline(time, color=COLORS["data"], ls=style, lw=1)
        top.text(time * 1.03, highest, f"$t = {time:.2f}$", fontsize=10, va="top")
    for panel in (top, bottom):
        panel.set_xscale("log")
        panel.legend()
    return figure


def split_rate(t, rates, marks):
    r"""Draw rates per unit of :math:`\ln t`: a whole and its parts.

    Parameters
    ----------
    t : ndarray, shape (T,)
        Times.
    rates : dict
        Name to an Estimate of arrays (T,), in nats per unit of :math:`\ln t`.
    marks : dict
        Question to the time at which one bit of it is open.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.8))
    _bands(axes, t, rates, COLORS["rate"])
    for style, time in zip(STYLES, marks.values(), strict=False):
        axes.axvline(time, color=COLORS["data"], ls=style, lw=1)
    axes.set(xscale="log", xlabel="time, $t$", ylabel=r"$t\,\dot H$  [nats per unit of $\ln t$]")
    axes.legend()
    return figure


def _times(axes, t):
    """Set a logarithmic axis of times, with few ticks."""
    axes.set(xlabel="$t$", xlim=(min(t), max(t)))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def _bands(axes, t, curves, color):
    """Draw each Estimate as a line with a band of two standard errors."""
    for style, (name, (value, error)) in zip(STYLES, curves.items(), strict=False):
        axes.plot(t, value, color=color, ls=style, label=name)
        axes.fill_between(t, value - 2 * error, value + 2 * error, color=color, alpha=0.25, lw=0)


def _image(axes, pixels, limits=(None, None)):
    """Draw one digit, ink dark."""
    grid = np.reshape(pixels, (8, 8))
    axes.imshow(grid, cmap="gray_r", vmin=limits[0], vmax=limits[1], interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
