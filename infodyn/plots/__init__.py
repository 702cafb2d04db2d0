"""The book's figures: one function a figure, each taking the arrays or objects that it draws."""

from infodyn.plots.questions import (
    forward_entropies,
    masking,
    noisy_answers,
    oracle_games,
    prior_splits,
    question_entropies,
    question_paths,
    question_tree,
)
from infodyn.plots.style import COLORS, use_style

__all__ = [
    "COLORS",
    "forward_entropies",
    "masking",
    "noisy_answers",
    "oracle_games",
    "prior_splits",
    "question_entropies",
    "question_paths",
    "question_tree",
    "use_style",
]
