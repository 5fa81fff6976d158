"""Wrong answers to problem set 3, each with what the tests say to it."""

import numpy as np


def schedule__chebyshev(ell, num_steps):
    """Chebyshev's are not enough"""
    angles = np.pi * (2 * np.arange(num_steps) + 1) / (2 * num_steps)
    return 2 / (1 + ell - (1 - ell) * np.cos(angles))


def schedule__constant(ell, num_steps):
    """for the best constant step"""
    return np.full(num_steps, 2**0.5)


def cursed_ridge__any_targets(ell):
    """the error never rises"""
    return np.diag([(1 - ell) ** 0.5, 0.5, 0.0]), np.ones(3)


def cursed_ridge__without_theta(ell):
    """the eigenvalues run from"""
    return np.diag([1.0, 0.5, ell**0.5]), np.array([1.0, 0.0, 0.0])


def pretend__the_true_interval(ell, num_steps):
    """the true interval is best for the iterates"""
    return 1.0


def pretend__much(ell, num_steps):
    """another one"""
    return 1.5
