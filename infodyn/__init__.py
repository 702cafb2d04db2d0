"""The exact information dynamics of generative diffusion."""

from infodyn import checks
from infodyn.checks import check

__all__ = ["check", "checks"]
