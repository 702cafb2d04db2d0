"""The exercises of the chapter on Twenty Questions."""

import numpy as np
from scipy import optimize, stats

from infodyn.answers.registry import answer
from infodyn.distributions import points
from infodyn.information import conditional_entropy
from infodyn.processes import EDM
from infodyn.questions import QuestionTree


@answer("1.1", rtol=0)
def balance():
    cases = np.concatenate([np.eye(12), -np.eye(12)])
    tips = [np.sign(cases[:, :k].sum(axis=1) - cases[:, 12 - k :].sum(axis=1)) for k in range(1, 7)]
    worth = [stats.entropy(np.unique(tip, return_counts=True)[1]) for tip in tips]
    return [1 + np.argmax(worth), np.argmax(3 ** np.arange(9) >= len(cases))]


@answer("1.2")
def one_by_one(n=1000):
    questions = np.minimum(np.arange(1, n + 1), n - 1)
    return np.log2(n) / questions.mean()


@answer("1.3")
def masks():
    spare = np.maximum(np.arange(5) - 1, 0)
    return optimize.brentq(lambda q: stats.binom.pmf(range(5), 4, q) @ spare - 1.5, 0.1, 0.9)


@answer("1.4")
def surprise():
    def rise(p):
        game = QuestionTree("ABC", ["+", "-+", "--"], [p, (1 - p) / 2, (1 - p) / 2])
        return np.diff(game.pathwise_entropies()[1, :2])[0]

    return optimize.brentq(rise, 0.5, 0.99)


@answer("1.5")
def lies():
    return conditional_entropy(points([[-1.0], [1.0]]), EDM(), 1.0).value / np.log(2)


@answer("1.6", rtol=0)
def thirteen():
    balls, bound = np.arange(3, 21), 3 ** np.arange(9)
    by_bits = np.argmax(bound >= 2 * balls[:, None], axis=1)
    needed = np.argmax(bound - 3 >= 2 * balls[:, None], axis=1)
    return balls[needed > by_bits].sum()
