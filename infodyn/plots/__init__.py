"""The book's figures: one function a figure, each taking the arrays or objects that it draws."""

from infodyn.plots.style import COLORS, use_style

__all__ = ["COLORS", "use_style"]
