"""Known wrong answers to the exercises of foundations/implicit-functions; each docstring is what the tests must say."""

import jax.numpy as jnp
import numpy as np


def kepler_slope__at_the_time(theta, e):
    """cos is taken of the angle x that solves the equation, not of θ"""
    return 1 / (1 - e * np.cos(theta))


def kepler_slope__upside_down(theta, e):
    """that is dθ/dx, the slope of the inverse function"""
    x = np.pi
    for _ in range(50):
        x = x - (x - e * np.sin(x) - theta) / (1 - e * np.cos(x))
    return 1 - e * np.cos(x)


def degrees_of_freedom__singular_values(A, theta):
    """AᵀA has the eigenvalues 1 and 9"""
    values = np.linalg.svd(A, compute_uv=False)
    return (values / (values + theta)).sum()


def degrees_of_freedom__of_the_coefficients(A, theta):
    """the fitted values are A x⋆, not x⋆"""
    return np.trace(np.linalg.inv(A.T @ A + theta * np.eye(A.shape[1])))


def soft_threshold__positive_data_only(y, theta):
    """(y may be negative)"""
    return jnp.maximum(y - theta, 0.0)


def soft_threshold__hard(y, theta):
    """for y = 1 it is 0.7"""
    return jnp.where(jnp.abs(y) > theta, y, 0.0)
