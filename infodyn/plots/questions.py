"""Figures of the chapter on Twenty Questions."""

import matplotlib.pyplot as plt
import numpy as np

from infodyn.plots.style import COLORS
from infodyn.questions import binary_entropy


def question_tree(tree):
    """Draw a tree: survivors in each node, bits of its question beside it, broad lines for likely answers.

    Parameters
    ----------
    tree : QuestionTree
        A uniform prior shows counts; any other shows the probability of getting there.

    Returns
    -------
    matplotlib.figure.Figure
    """
    place, mass = _layout(tree), _all_masses(tree)
    total = sum(tree.weights)
    figure, axes = plt.subplots(figsize=(7.2, 0.95 * tree.depth + 1.1))
    for history, (x, y) in place.items():
        if history:
            x0, y0 = place[history[:-1]]
            axes.plot([x0, x], [y0, y], color=COLORS["noise"], lw=1 + 9 * mass[history] / total, zorder=1)
            sign = "yes" if history[-1] == "+" else "no"
            white = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"}
            axes.text(
                (x0 + x) / 2, (y0 + y) / 2, sign, ha="center", va="center", fontsize=9, bbox=white, zorder=2
            )
        count = str(mass[history]) if set(tree.weights) == {1} else f"{mass[history] / total:.0%}"
        box = {"boxstyle": "circle,pad=0.3", "fc": "white", "ec": COLORS["entropy"], "lw": 1.5}
        axes.text(x, y, count, ha="center", va="center", bbox=box, zorder=3)
        if history + "+" in place and history + "-" in place:
            bits = binary_entropy(mass[history + "+"] / mass[history])
            side, align = (-0.27, "right") if history.endswith("+") else (0.27, "left")
            axes.text(x + side, y, f"{bits:.3g} bit", color=COLORS["rate"], fontsize=10, ha=align, zorder=3)
        else:
            names = "\n".join(map(str, tree.survivors(history)))
            axes.text(x, y - 0.33, names, ha="center", va="top", fontsize=10)
    axes.set(xlim=(-0.6, len(place) - len(_asked(tree)) - 0.4), ylim=(-tree.depth - 0.75, 0.4))
    axes.axis("off")
    return figure


def question_entropies(trees):
    r"""Draw the staircase :math:`H_j` above the rates, one column a tree.

    Parameters
    ----------
    trees : dict
        Title to QuestionTree.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(2, len(trees), figsize=(7.2, 4.6), sharey="row", squeeze=False)
    for (title, tree), (top, bottom) in zip(trees.items(), axes.T, strict=True):
        j = np.arange(tree.depth + 1)
        top.stairs(tree.entropies(), np.append(j, j[-1] + 1), baseline=None, color=COLORS["entropy"], lw=2)
        top.set(title=title, xlabel="answers heard, $j$", xticks=j + 0.5)
        top.set_xticklabels(j)
        bottom.bar(j[1:], tree.rates(), width=0.7, color=COLORS["rate"])
        bottom.axhline(1, color=COLORS["bound"], ls="--", lw=1.5)
        bottom.set(xlabel="question, $j$", xticks=j[1:], ylim=(0, 1.15))
    axes[0, 0].set(ylabel="$H(x^*|a_{1:j})$  [bits]", ylim=(0, None))
    axes[1, 0].set(ylabel=r"$\Delta H_j$  [bits]")
    axes[1, -1].text(axes[1, -1].get_xlim()[0], 1.03, " 1 bit", color=COLORS["bound"], fontsize=9)
    return figure


def question_paths(trees):
    r"""Draw the uncertainty along every game, and its mean, one column a tree.

    Parameters
    ----------
    trees : dict
        Title to QuestionTree.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(trees), figsize=(7.2, 3.2), sharey=True, squeeze=False)
    for (title, tree), panel in zip(trees.items(), axes[0], strict=True):
        j, paths = np.arange(tree.depth + 1), tree.pathwise_entropies()
        panel.plot(j, paths.T, color=COLORS["posterior"], lw=1, alpha=0.8)
        panel.plot([], [], color=COLORS["posterior"], lw=1, label="one game")
        panel.plot(j, tree.entropies(), color=COLORS["entropy"], lw=3, label="mean, $H_j$")
        panel.set(title=title, xlabel="answers heard, $j$", xticks=j)
    axes[0, 0].set(ylabel="uncertainty  [bits]")
    axes[0, -1].legend()
    return figure


def split(number, yes):
    r"""Draw the uncertainty before and after one question, and the question on the curve of :math:`h_b`.

    Parameters
    ----------
    number, yes : int
        Equally likely elements, and how many of them have the answer yes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2), width_ratios=(1.2, 1))
    before, share = np.log2(number), yes / number
    left.bar(0, before, width=1, align="edge", color=COLORS["rate"], alpha=0.55, hatch="//", ec="white")
    for start, count in ((0, yes), (share, number - yes)):
        left.bar(
            start, np.log2(count), width=count / number, align="edge", color=COLORS["entropy"], ec="white"
        )
    left.text(0.02, before + 0.12, f"yes: {yes}")
    left.text(0.98, before + 0.12, f"no: {number - yes}", ha="right")
    left.set(xlim=(0, 1), ylim=(0, before + 0.6), xlabel="probability", ylabel="uncertainty  [bits]")
    taken, after = left.patches[0], left.patches[1]
    figure.legend([after, taken], ["left after the answer", "taken by it"], loc="outside lower left", ncols=2)
    p = np.linspace(0, 1, 101)
    right.plot(p, [binary_entropy(q) for q in p], color=COLORS["rate"])
    right.plot(share, binary_entropy(share), "o", color=COLORS["rate"], ms=9)
    right.axhline(1, color=COLORS["bound"], ls="--", lw=1.5)
    right.set(xlabel="share of yes, $N^+/N$", ylabel="worth of the answer  [bits]", ylim=(0, 1.15))
    return figure


def one_game(tree, game, heard, secret=None):
    """Draw a game so far: the record, a row an answer; the posterior; the bits left, here and on average.

    Parameters
    ----------
    tree : QuestionTree
        With a uniform prior.
    game : str
        The final state of the game.
    heard : int
        The number of answers heard.
    secret : hashable, optional
        The element chosen beforehand, if one was.

    Returns
    -------
    matplotlib.figure.Figure
    """
    n, m = len(tree.elements), tree.depth
    figure, axes = plt.subplot_mosaic(
        "rc;rb", figsize=(7.2, 4.4), width_ratios=(1.7, 1), height_ratios=(1.2, 1)
    )
    record, chances, bits = axes["r"], axes["c"], axes["b"]
    states = [game[:j].ljust(m, "?") for j in range(heard + 1)]
    left = [len(tree.survivors(state)) for state in states]
    for j, state in enumerate(states):
        text = _next_answer(tree, state, game) if j < heard else f"{left[j]} possible"
        _draw_state(record, j, state, text)
    record.set(title="the record, answer by answer", xlim=(-0.6, n + 4.3), ylim=(n - 0.4, -0.6))
    record.axis("off")
    law = tree.posterior(states[-1])
    chances.barh(tree.elements, [float(law.get(x, 0)) for x in tree.elements], color=COLORS["posterior"])
    if secret is not None:
        chances.text(1.05, tree.elements.index(secret), "the secret", ha="right", va="center", style="italic")
    chances.set(title="chance of each", xlim=(0, 1.05), ylim=(n - 0.4, -0.6), xticks=[0, 1])
    chances.tick_params(axis="y", labelsize=8)
    chances.grid(axis="y", visible=False)
    bits.plot(range(m + 1), tree.entropies(), "--", color=COLORS["entropy"], label="mean")
    bits.plot(range(heard + 1), np.log2(left), "o-", color=COLORS["posterior"], label="this game")
    bits.set(
        xlabel="answers heard, $j$", ylabel="bits left", xlim=(-0.3, n - 0.7), ylim=(-0.2, np.log2(n) + 0.2)
    )
    bits.legend()
    return figure


def forward_entropies(conditional, marginal, times, noisy_conditional, noisy_marginal):
    r"""Draw the two entropies of a forward process: masking on the left, Gaussian noise on the right.

    Parameters
    ----------
    conditional, marginal : array_like, shape (m + 1,)
        :math:`H(x^*|s_j)` and :math:`H(s_j)` in bits, for j = 0, ..., m masks.
    times : array_like, shape (T,)
        Noise levels t.
    noisy_conditional, noisy_marginal : array_like, shape (T,)
        :math:`H(x_0|x_t)` and :math:`H(x_t)` in bits.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    masks = np.arange(len(conditional))
    left.plot(masks, conditional, "o-", color=COLORS["entropy"], label="$H(x^*|s_j)$")
    left.plot(masks, marginal, "s--", color=COLORS["other"], label="$H(s_j)$")
    left.set(title="masking answers", xlabel="masked slots, $j$", ylabel="entropy  [bits]", xticks=masks)
    right.semilogx(times, noisy_conditional, color=COLORS["entropy"], label="$H(x_0|x_t)$")
    right.semilogx(times, noisy_marginal, "--", color=COLORS["other"], label="$H(x_t)$")
    right.set(title="adding Gaussian noise to ±1", xlabel="noise level, $t$")
    left.legend()
    right.legend()
    return figure


def oracle_games(law, honest, lazy, size):
    """Draw how often two oracles played each game, relative to the exact law, with two standard errors.

    Parameters
    ----------
    law : dict
        Label to exact probability.
    honest, lazy : dict
        Label to number of games.
    size : int
        The number of games of each oracle.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(figsize=(7.2, 3.0))
    x, p = np.arange(len(law)), np.array([float(p) for p in law.values()])
    two_errors = 2 * np.sqrt((1 - p) / (p * size))
    axes.bar(x, 2 * two_errors, bottom=1 - two_errors, width=0.7, color=COLORS["bound"], alpha=0.25)
    axes.axhline(1, color=COLORS["bound"], ls="--", lw=1.5)
    for shift, marker, color, label, games in (
        (-0.15, "o", COLORS["posterior"], "honest oracle", honest),
        (0.15, "D", COLORS["rate"], "lazy oracle", lazy),
    ):
        axes.plot(x + shift, [games[e] for e in law] / (size * p), marker, color=color, label=label)
    axes.set(ylabel="observed / exact share")
    axes.set_xticks(x, [f"{e}\n{p}" for e, p in law.items()])
    axes.grid(axis="x", visible=False)
    axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def loaded_secret(now, trees, shares, questions, bits):
    """Draw trees as stacked bars, a row a question, a width a probability; beside them what they cost.

    Parameters
    ----------
    now : float
        The share of the loaded element for which the trees are drawn.
    trees : dict
        Title to QuestionTree, two of them.
    shares : array_like, shape (T,)
        Shares of the loaded element.
    questions : dict
        Title to the mean number of questions at each share, shape (T,).
    bits : array_like, shape (T,)
        The entropy of the secret at each share.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = plt.figure(figsize=(7.2, 4.6))
    left, right = figure.subfigures(1, 2, width_ratios=(1.15, 1))
    for (title, tree), panel in zip(trees.items(), left.subplots(2, 1, sharex=True), strict=True):
        _splits(panel, tree)
        panel.set(title=title, ylabel="answers, $j$", xlim=(0, 1), ylim=(4.5, -0.5), yticks=range(5))
        panel.grid(visible=False)
    panel.set(xlabel="probability")
    axes = right.subplots()
    for (title, number), style, color in zip(
        questions.items(), ("-.", "--", ":"), ("noise", "rate", "bound"), strict=False
    ):
        axes.plot(shares, number, style, color=COLORS[color], label=title)
        axes.plot(now, np.interp(now, shares, number), "o", color=COLORS[color])
    axes.plot(shares, bits, color=COLORS["entropy"], label="entropy  [bits]")
    axes.plot(now, np.interp(now, shares, bits), "o", color=COLORS["entropy"])
    axes.set(xlabel="chance of the cat", ylabel="mean number of questions", ylim=(0, 5.6))
    axes.legend(loc="upper left", fontsize="small")
    return figure


def noisy_answers(curves, signal, limit):
    """Draw the uncertainty after many unreliable answers against the signal heard, and its limit.

    Parameters
    ----------
    curves : dict
        Label to a pair: signal and entropy in bits, one entry an answer.
    signal, limit : array_like, shape (T,)
        The entropy in bits for Gaussian noise of the same signal.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots()
    styles = (("o", COLORS["rate"]), ("s", COLORS["other"]), (".", COLORS["posterior"]))
    for (label, (x, y)), (marker, color) in zip(curves.items(), styles, strict=False):
        axes.step(x, y, where="post", color=color, lw=1)
        axes.plot(x, y, marker, color=color, ms=5, label=label)
    axes.plot(signal, limit, color=COLORS["entropy"], label="Gaussian noise")
    axes.set(xlabel=r"signal heard, $k\,\delta^2$", ylabel="uncertainty left  [bits]", ylim=(0, 1.05))
    axes.legend()
    return figure


def _all_masses(tree):
    return {history: mass for level in tree.masses for history, mass in level.items()}


def _asked(tree):
    """Return the histories after which a question follows."""
    return {history[:-1] for history in _all_masses(tree) if history}


def _layout(tree):
    """Place the leaves side by side, every other node above the middle of its children."""
    asked = _asked(tree)
    histories = sorted(_all_masses(tree), key=lambda a: (a.ljust(tree.depth, "?"), a))
    x = {a: float(i) for i, a in enumerate(a for a in histories if a not in asked)}
    for a in sorted(asked, key=len, reverse=True):
        children = [x[a + sign] for sign in "+-" if a + sign in x]
        x[a] = sum(children) / len(children)
    return {a: (x[a], -len(a)) for a in sorted(x, key=len)}


def _splits(axes, tree):
    """Draw one tree as stacked bars: dark where the game is over."""
    total, asked = sum(tree.weights), _asked(tree)
    for j, level in enumerate(tree.masses):
        start = 0
        for history in sorted(level):
            width = level[history] / total
            if len(history) == j:
                color = COLORS["noise"] if history in asked else COLORS["entropy"]
                axes.barh(j, width, left=start, height=0.86, color=color, ec="white", lw=0.8)
                if history not in asked and width > 0.11:
                    name = tree.survivors(history)[0]
                    axes.text(start + width / 2, j, name, ha="center", va="center", color="white", fontsize=9)
            start += width


def _draw_state(axes, j, state, text):
    for slot, symbol in enumerate(state):
        face = COLORS["noise"] if symbol == "?" else "white"
        axes.add_patch(plt.Rectangle((slot - 0.45, j - 0.38), 0.9, 0.76, fc=face, ec=COLORS["data"]))
        axes.text(slot, j, symbol.replace("-", "−"), ha="center", va="center")
    axes.text(len(state) - 0.2, j, text, va="center", fontsize=9)


def _next_answer(tree, state, game):
    """Say how the first masked slot of a state is filled in this game."""
    answer = game[len(state.rstrip("?"))]
    if answer == "?":
        return "nothing left to ask"
    chance = tree.reverse_kernel(state)[state.replace("?", answer, 1)]
    return f"{answer.replace('-', '−')} with probability {chance}"
