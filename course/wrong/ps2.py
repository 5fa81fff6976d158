"""Wrong answers to problem set 2, each with what the tests say to it."""

import jax
import jax.numpy as jnp
import numpy as np


def diagnose__two_steps_are_enough(run):
    """the third iterate decides"""
    _, P1, P2 = (float(it) for it in run(1.0, 2))
    if abs(P2 - P1**2) < 1e-9:
        return "gradient descent", {"step_size": 1 - P1}
    ratio = ((1 - P2) / (2 * (P1**2 - P2))) ** -0.5
    return "Chebyshev", {"ell": (1 - ratio) / (1 - P1), "L": (1 + ratio) / (1 - P1)}


def diagnose__no_chebyshev(run):
    """this is Chebyshev's method"""
    _, P1, P2 = (float(it) for it in run(1.0, 2))
    if abs(P2 - P1**2) < 1e-9:
        return "gradient descent", {"step_size": 1 - P1}
    return "momentum", {"step_size": 1 - P1, "momentum": (P2 - P1**2) / (P1 - 1)}


def two_numbers__start_is_only_a_number(hessian, linear, x0, theta):
    """the start has a Jacobian"""
    solution = jax.jacfwd(lambda theta: -jnp.linalg.solve(hessian(theta), linear(theta)))(theta)
    moves = jax.jacfwd(lambda theta: hessian(theta) @ x0(theta) + linear(theta))(theta)
    return float(jnp.linalg.norm(solution)), float(jnp.linalg.norm(moves))


def two_numbers__partial_derivative(hessian, linear, x0, theta):
    """G has the total derivative"""
    solution = jax.jacfwd(lambda theta: -jnp.linalg.solve(hessian(theta), linear(theta)))(theta)
    start, fixed = jax.jacfwd(x0)(theta), x0(theta)
    moves = jax.jacfwd(lambda theta: hessian(theta) @ fixed + linear(theta))(theta)
    return float(jnp.linalg.norm(start - solution)), float(jnp.linalg.norm(moves))


def counterexample__commutes():
    """these matrices commute"""
    return np.diag([0.1, 1.0]), np.diag([1.0, 2.0]), -np.ones(2), np.zeros(2)


def counterexample__any_that_does_not_commute():
    """a tenth is asked for"""
    return np.diag([0.1, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([-1.0, 0.0]), np.zeros(2)
