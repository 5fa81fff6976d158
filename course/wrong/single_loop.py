"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import numpy as np


def penalty_gradient__forgets_the_weight_in_front(C, c, V, u, theta, weight):
    """has the slope -1/8 at zero"""
    H = C + np.diag(np.exp(theta))
    y, z = np.linalg.solve(H, c), np.linalg.solve(H + V / weight, c + u / weight)
    return np.exp(theta) * (z**2 - y**2) / 2


def penalty_gradient__weighs_the_outer_loss(C, c, V, u, theta, weight):
    """with the weight 3 it is"""
    H = C + np.diag(np.exp(theta))
    y, z = np.linalg.solve(H, c), np.linalg.solve(H + weight * V, c + weight * u)
    return weight * np.exp(theta) * (z**2 - y**2) / 2
