"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import numpy as np


def gradients_in_Q_and_A__not_symmetric(Q, A, x, mu, g):
    """Q is symmetric, and so is the gradient in it"""
    on = mu > 0
    k = on.sum()
    K = np.block([[Q, A[on].T], [A[on], np.zeros((k, k))]])
    v, w = np.split(np.linalg.solve(K, np.append(g, np.zeros(k))), [len(x)])
    of_A = np.zeros(A.shape)
    of_A[on] = -np.outer(mu[on], v) - np.outer(w, x)
    return -np.outer(v, x), of_A


def gradients_in_Q_and_A__forgets_the_multipliers(Q, A, x, mu, g):
    """the gradient in A has two terms"""
    on = mu > 0
    k = on.sum()
    K = np.block([[Q, A[on].T], [A[on], np.zeros((k, k))]])
    v, w = np.split(np.linalg.solve(K, np.append(g, np.zeros(k))), [len(x)])
    of_A = np.zeros(A.shape)
    of_A[on] = -np.outer(w, x)
    return -(np.outer(v, x) + np.outer(x, v)) / 2, of_A


def perturbed_slope__forgets_the_width(c, sigma):
    """the mean has the slope"""
    return -np.exp(-((c / sigma) ** 2) / 2) / np.sqrt(2 * np.pi)


def perturbed_slope__other_sign(c, sigma):
    """the slope is negative"""
    return np.exp(-((c / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
