"""Wrong answers to the exercises of remedies/sobolev, each with what it must be told."""

import numpy as np
from numpy.polynomial import chebyshev as series
from scipy.optimize import linprog


def scaled_eta__like_the_eigenvalues(eta, c):
    """η is measured in λ²"""
    return c * eta


def scaled_eta__upside_down(eta, c):
    """η is measured in λ²"""
    return eta / c**2


def best_of_both__the_larger_of_the_two(kappa, t):
    """the two maxima are added"""
    zero, n = (1 + kappa) / (1 - kappa), 10 * t + 1
    s = np.cos(np.linspace(0, np.pi, n))
    P, at_zero = series.chebvander(s, t), series.chebvander(zero, t)[0]
    dP = series.chebval(s, series.chebder(np.eye(t + 1))).T
    R, dP = P + (zero - s)[:, None] * dP, -2 / (1 - kappa) * dP
    limits = np.vstack([R, -R, dP, -dP]), np.ones(4 * n)
    Q = linprog(-at_zero / at_zero[-1], *limits, bounds=(None, None)).x
    return 1 / (at_zero @ Q)


def best_of_both__that_of_chebyshev(kappa, t):
    """P = 1 attains 1"""
    zero = (1 + kappa) / (1 - kappa)
    return (4 * t**2 / (1 - kappa) - 1) / np.cosh(t * np.arccosh(zero))
