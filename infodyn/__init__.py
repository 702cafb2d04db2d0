"""The exact information dynamics of generative diffusion."""

from infodyn import checks
from infodyn.checks import check
from infodyn.questions import QuestionTree, binary_entropy, entropy_bits

__all__ = ["QuestionTree", "binary_entropy", "check", "checks", "entropy_bits"]
