"""Wrong answers to the exercises of theory/gradient-descent, each with what it must be told."""

import numpy as np


def price__upside_down(kappa):
    """the safe step takes more steps"""
    return np.log(1 - 2**0.5 * kappa) / np.log((1 - kappa) / (1 + kappa))


def price__in_the_limit(kappa):
    """for κ = 0.01 it is 1.404"""
    return 2**0.5


def jacobian_after__as_it_was(T, h, H, dH, b, x0):
    """J reads the x before the step"""
    x, J = x0, np.zeros_like(x0)
    for _ in range(T):
        x = x - h * (H @ x + b)
        J = J - h * (H @ J + dH @ x)
    return J


def jacobian_after__without_the_own_part_of_theta(T, h, H, dH, b, x0):
    """from what jax.jacfwd finds"""
    J = np.zeros_like(x0)
    for _ in range(T):
        J = J - h * (H @ J)
    return J
