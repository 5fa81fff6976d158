"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import numpy as np


def higher_derivative__forgets_the_factorial(H, moment, V, k):
    """k! is 2, not 1"""
    small = np.linalg.inv(V.T @ H @ V)
    return (-1) ** k * V @ np.linalg.matrix_power(small, k + 1) @ (V.T @ moment)


def higher_derivative__inverts_before_it_projects(H, moment, V, k):
    """the small matrix VᵀHV is inverted, and not H"""
    factor = np.prod(-np.arange(1.0, k + 1))
    return factor * V @ (V.T @ np.linalg.matrix_power(np.linalg.inv(H), k + 1) @ moment)
