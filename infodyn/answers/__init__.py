"""The answers to the exercises that can check themselves: how each is computed, one file a chapter.

To register one, add three lines to its chapter's file: its number "<chapter>.<exercise>" as the page shows
it, a name, and how it is computed. Return a number, an array, an Estimate, or a word to be matched.
"""

from infodyn.answers import (
    diffusion,
    digits,
    entropy_rate,
    information_geometry,
    lyapunov,
    phase_transitions,
    questions,
    speciation,
    thermodynamics,
)
from infodyn.answers.registry import ANSWERS

__all__ = [
    "ANSWERS",
    "diffusion",
    "digits",
    "entropy_rate",
    "information_geometry",
    "lyapunov",
    "phase_transitions",
    "questions",
    "speciation",
    "thermodynamics",
]
