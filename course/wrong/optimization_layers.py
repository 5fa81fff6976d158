"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import jax
import jax.numpy as jnp
import numpy as np


def safe_round__logarithm_of_the_sum(x, theta, anchors, epsilon):
    """a sum has underflown before its logarithm"""
    cost = (theta[:, None] - anchors) ** 2
    return x - epsilon * jnp.log(jax.nn.softmax((x - cost) / epsilon, axis=1).sum(0))


def safe_round__sums_the_rows(x, theta, anchors, epsilon):
    """whose logarithms are taken away from x"""
    cost = (theta[:, None] - anchors) ** 2
    return x - epsilon * jax.nn.logsumexp(jax.nn.log_softmax((x - cost) / epsilon, axis=1), axis=1)


def projection_jacobian__forgets_the_sum(theta):
    """the entries always add up to one"""
    ordered = np.sort(theta)[::-1]
    shifts = (1 - np.cumsum(ordered)) / np.arange(1, len(theta) + 1)
    return np.diag((theta + shifts[ordered + shifts > 0][-1] > 0) * 1.0)


def projection_jacobian__positive_entries(theta):
    """differences say otherwise"""
    on = (theta > 0) * 1.0
    return np.diag(on) - np.outer(on, on) / on.sum()
