"""The book's figures: one function a figure, each taking the arrays or objects that it draws."""

from infodyn.plots.diffusion import (
    clocks,
    end_laws,
    loss_split,
    melting,
    reverse_paths,
    score_and_denoiser,
    start_error,
)
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
    "clocks",
    "end_laws",
    "forward_entropies",
    "loss_split",
    "masking",
    "melting",
    "noisy_answers",
    "oracle_games",
    "prior_splits",
    "question_entropies",
    "question_paths",
    "question_tree",
    "reverse_paths",
    "score_and_denoiser",
    "start_error",
    "use_style",
]
