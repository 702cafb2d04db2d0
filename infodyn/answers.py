"""The answers to the exercises that can check themselves: how each is computed.

To register one, add three lines under its chapter: its number "<chapter>.<exercise>", a name, and how it
is computed. Chapters count from 1 in the order of the contents, beginning with Twenty Questions, and
exercises in the order of their page. Return a number, an array, an Estimate, or a word to be matched.
The relative error that a reader may make is `rtol`: zero for a count.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from infodyn.distributions import GaussianMixture
from infodyn.information import entropy_rate
from infodyn.processes import EDM

ANSWERS = {}


@dataclass(frozen=True)
class Answer:
    """How an answer is computed, and how exactly a reader's must agree."""

    compute: Callable
    rtol: float


def answer(exercise, rtol=5e-3):
    """Register the function below as the answer to an exercise."""

    def register(compute):
        if exercise in ANSWERS:
            raise ValueError(f"the exercise {exercise} has an answer already")
        ANSWERS[exercise] = Answer(compute, rtol)
        return compute

    return register


@answer("3.2")
def staircase():
    data = GaussianMixture([1.0], [np.zeros(3)], np.diag([100.0, 1.0, 1e-4]))
    return optimize.brentq(lambda t: t * entropy_rate(data, EDM(), t).value - 1.5, 0.1, 10)
