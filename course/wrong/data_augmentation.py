"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import numpy as np


def penalty_share__divides_by_one_less(copies, x, c):
    """divide by k, not by k - 1"""
    return np.trace(x @ np.atleast_2d(np.cov(copies.T)) @ x.T) / ((copies @ x.T - c) ** 2).sum(1).mean()


def penalty_share__second_moments(copies, x, c):
    """the mean square is 5, the penalty 1"""
    moments = copies.T @ copies / len(copies)
    return np.trace(x @ moments @ x.T) / ((copies @ x.T - c) ** 2).sum(1).mean()
