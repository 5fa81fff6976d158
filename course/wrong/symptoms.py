"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import jax
import jax.numpy as jnp
import numpy as np


def guarded_entropy__guards_the_result(x):
    """both branches of a where are differentiated"""
    return jnp.where(x > 1e-12, x * jnp.log(x), 0.0)


def guarded_entropy__moves_the_argument(x):
    """the values for x > 0 have changed"""
    return x * jnp.log(x + 1e-6)


def logistic_map__forgets_the_direct_term(theta, T, x):
    """the map depends on θ directly"""
    dx, logs = 0 * x, 0 * x
    for _ in range(T):
        slope = theta * (1 - 2 * x)
        logs = logs + np.log(np.abs(slope))
        dx, x = slope * dx, theta * x * (1 - x)
    with np.errstate(divide="ignore"):
        return np.log(np.abs(dx)) / T, logs / T


def logistic_map__logarithm_of_the_mean(theta, T, x):
    """a mean of logarithms of the slopes"""
    dx, total = 0 * x, 0 * x
    for _ in range(T):
        slope = theta * (1 - 2 * x)
        total = total + np.abs(slope)
        dx, x = slope * dx + x * (1 - x), theta * x * (1 - x)
    return np.log(np.abs(dx)) / T, np.log(total / T)


def repaired_pull_back__as_it_was(equation, z, theta, g):
    """backward the system is the transposed one"""
    a = jnp.linalg.solve(jax.jacfwd(equation)(z, theta), g)
    return -jax.vjp(lambda theta: equation(z, theta), theta)[1](a)[0]


def repaired_pull_back__other_sign(equation, z, theta, g):
    """the sign is wrong"""
    a = jnp.linalg.solve(jax.jacfwd(equation)(z, theta).T, g)
    return jax.vjp(lambda theta: equation(z, theta), theta)[1](a)[0]
