"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import numpy as np


def two_factors__the_inverse_itself(lam, h, K):
    """damping's factor is 0.5/1.5"""
    return 1 / (lam + 1 / (h * K)), (1 - (1 - h * lam) ** K) / lam


def two_factors__one_term_more(lam, h, K):
    """is the series' factor"""
    return lam / (lam + 1 / (h * K)), 1 - (1 - h * lam) ** (K + 1)


def misfit_after__always_from_zero(A, y, x):
    """where it ends depends on x"""
    return A[0] @ np.linalg.pinv(A[1:]) @ y[1:] - y[0]


def two_expectations__mean_for_both(hessians, h, K):
    """the mean of 3 and 1 with one batch"""
    factor = np.eye(len(hessians[0])) - h * np.mean(hessians, 0)
    series = sum(np.linalg.matrix_power(factor, j) for j in range(K))
    return series, series


def two_expectations__counts_one_too_many(hessians, h, K):
    """with new batches, not"""
    one = np.eye(len(hessians[0]))

    def series(factor):
        return sum(np.linalg.matrix_power(factor, j) for j in range(K + 1))

    return series(one - h * np.mean(hessians, 0)), np.mean([series(one - h * H) for H in hessians], 0)
