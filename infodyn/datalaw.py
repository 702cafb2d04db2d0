"""What every law of clean data can tell: its mean, and samples."""

from abc import ABC, abstractmethod


class DataLaw(ABC):
    """A law of clean data x_0 in R^D, with D its attribute ``dim``."""

    dim: int

    @property
    @abstractmethod
    def mean(self):
        """Mean of x_0, shape (D,)."""

    @abstractmethod
    def sample(self, n, rng):
        """Draw n points, shape (n, D), with ``rng`` a ``numpy.random.Generator``."""
