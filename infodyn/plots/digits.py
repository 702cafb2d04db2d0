"""Figures of the page on handwritten digits."""

import matplotlib.pyplot as plt
import numpy as np

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


def neighbours(rows):
    """Draw noisy digits, each followed by the stored digits that it most probably is.

    Parameters
    ----------
    rows : dict
        Label of the row to a triple: a noisy digit (64,), digits (n, 64), and n captions for these.

    Returns
    -------
    matplotlib.figure.Figure
    """
    number = max(len(captions) for _, _, captions in rows.values())
    figure, axes = plt.subplots(len(rows), number + 1, figsize=(5.6, 1.3 * len(rows)), squeeze=False)
    for row, (name, (x, digits, captions)) in zip(axes, rows.items(), strict=True):
        _image(row[0], x)
        row[0].set_ylabel(name)
        for panel, digit, caption in zip(row[1:], digits, captions, strict=True):
            _image(panel, digit, limits=(0, 1))
            panel.set_xlabel(caption)
    axes[0, 0].set_title("noisy")
    axes[0, 1 + number // 2].set_title("stored digits, most probable first")
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


def _bands(axes, t, curves, color):
    """Draw each Estimate as a line with a band of two standard errors."""
    for style, (name, (value, error)) in zip(STYLES, curves.items(), strict=False):
        axes.plot(t, value, color=color, ls=style, label=name)
        axes.fill_between(t, value - 2 * error, value + 2 * error, color=color, alpha=0.25, lw=0)


def _image(axes, pixels, limits=(None, None)):
    """Draw one digit, ink dark."""
    axes.imshow(np.reshape(pixels, (8, 8)), cmap="gray_r", vmin=limits[0], vmax=limits[1])
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
