"""The exercises of the chapter on stochastic thermodynamics."""

import numpy as np
from scipy import optimize

from infodyn.answers.registry import answer
from infodyn.pathwise import variance_profile


@answer("7.1")
def back_and_lost():
    back, win_from_half = 0.1 / 0.5, 0.5
    return back * (1 - win_from_half) / (1 - 0.1)


@answer("7.2")
def two_coins():
    apart, alike = variance_profile([1.0, 2.0], [-1.0, 1.0]).value
    return np.array([2 * apart, alike])


@answer("7.3")
def two_pairs():
    def fall(log_snr):
        return -variance_profile(np.exp(log_snr), [-1.1, -0.9, 0.9, 1.1]).value

    options = {"method": "bounded", "options": {"xatol": 1e-3}}
    ranges = ([0.5, 4], [50, 400])
    return np.exp([optimize.minimize_scalar(fall, bounds=np.log(ends), **options).x for ends in ranges])


@answer("7.4")
def overshoot():
    odds = 0.1 / 0.9
    while odds < 1:
        odds *= 0.8 / 0.2
    return 0.1 * (1 + odds) / odds


@answer("7.5")
def walds_test():
    # the transform of the snr at which |log-odds| first comes to L is cosh(L/2) / cosh(L/2 sqrt(1 + 2 s))
    border = np.log(0.95 / 0.05)

    def cumulant(s):
        return np.log(np.cosh(border / 2) / np.cosh(border / 2 * np.sqrt(1 + 2 * s)))

    step = 1e-3
    mean = (cumulant(-step) - cumulant(step)) / (2 * step)
    return np.array([mean, np.sqrt(cumulant(step) + cumulant(-step)) / step])
