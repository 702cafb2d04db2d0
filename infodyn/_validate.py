"""Checks of what comes in at the public edges."""

import numpy as np


def real_array(name, value, shape_text="an array of numbers", *, copy=True):
    """Return ``value`` as a float array, its own if ``copy``; raise unless it is real and finite."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
        array = array.astype(float, copy=copy)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} must be {shape_text}, got {_describe(value)}; pass real numbers in a regular array"
        ) from None
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} must be finite, but the entry at index {tuple(map(int, bad))} is "
            f"{array[tuple(bad)]}; remove or replace it"
        )
    return array


def times(t, *, zero=False):
    """Return ``t`` as a float array of times; raise unless every one is positive (or zero, if allowed)."""
    t = real_array("t", t, "a time or an array of times")
    if (t < 0 if zero else t <= 0).any():
        expected = ">= 0" if zero else "> 0 (at t = 0 there is no noise, hence no density)"
        raise ValueError(f"t must be {expected}, got {t.min():g}; pass a later time")
    return t


def queries(x, dim):
    """Return ``x`` as an array (..., dim), in single precision if it is given so."""
    single = getattr(x, "dtype", None) == np.float32
    x = real_array("x", x, f"an array (..., {dim})")
    if x.ndim == 0 or x.shape[-1] != dim:
        raise ValueError(
            f"x must have shape (..., {dim}), one point a row, got {x.shape}; "
            + ("in one dimension use x[..., None]" if dim == 1 else f"its last axis must have length {dim}")
        )
    return x.astype(np.float32) if single else x


def generator(rng):
    """Return ``rng``, which must be a NumPy random generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator, got {_describe(rng)}; use numpy.random.default_rng(seed)"
        )
    return rng


def count(name, n):
    """Return ``n`` as a positive integer."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"{name} must be a whole number >= 1, got {n!r}; pass an int")
    return int(n)


def positive(name, value):
    """Return ``value`` as a positive float."""
    array = real_array(name, value, "a positive number")
    if array.ndim or array <= 0:
        raise ValueError(f"{name} must be one number > 0, got {value!r}; pass a positive scalar")
    return float(array)


def probabilities(weights, number):
    """Return ``weights`` as an array (number,) of probabilities, their sum 1 to rounding."""
    weights = real_array("weights", weights, "an array of probabilities")
    if weights.shape != (number,):
        raise ValueError(
            f"weights must have shape ({number},), one a point or component, got {weights.shape}; "
            "pass as many weights as rows"
        )
    if np.any(weights < 0):
        k = int(np.argmin(weights))
        raise ValueError(f"weights must be >= 0, but weights[{k}] = {weights[k]:g}; mend or drop it")
    if abs(weights.sum() - 1) > 1e-8:
        raise ValueError(f"weights must sum to 1, but their sum is {weights.sum():.9g}; divide by the sum")
    return weights / weights.sum()


def _describe(value):
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
