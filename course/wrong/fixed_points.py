"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import jax.numpy as jnp
import numpy as np


def worst_cosine__by_the_radius_alone(low, high):
    """the bound with the radius alone is not attained"""
    return np.sqrt(1 - max(abs(low), abs(high)) ** 2)


def worst_cosine__forgets_the_root(low, high):
    """it is the root of 1 - ρ²"""
    p, q = 1 - low, 1 - high
    return 4 * p * q / (p + q) ** 2


def largest_damping__for_real_eigenvalues(J):
    """eigenvalues may be complex"""
    return 2 / np.abs(1 - np.linalg.eigvals(J)).max()


def largest_damping__by_the_norm(J):
    """so h is below 1/2"""
    return 1 / np.linalg.norm(np.eye(len(J)) - J, 2)


def unfolded__one_threshold_for_all(A, y, steps, thresholds):
    """1 after the first layer"""
    x = jnp.zeros((len(y), A.shape[1]))
    for h in steps:
        x = x - h * (x @ A.T - y) @ A
        x = jnp.sign(x) * jnp.maximum(jnp.abs(x) - thresholds[0], 0)
    return x


def unfolded__thresholds_before_the_step(A, y, steps, thresholds):
    """moved towards zero by 0.25"""
    x = jnp.zeros((len(y), A.shape[1]))
    for h, threshold in zip(steps, thresholds, strict=True):
        x = jnp.sign(x) * jnp.maximum(jnp.abs(x) - threshold, 0)
        x = x - h * (x @ A.T - y) @ A
    return x
