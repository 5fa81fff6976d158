"""Known wrong answers to theory/jacobian-error; each docstring is what the tests must say."""

import jax
import jax.numpy as jnp
import numpy as np


def start_norms__as_it_was(problem, start, theta):
    """the start moves as the solution does"""
    E0 = -problem.jacobian(theta)
    g = jax.jacfwd(problem.gradient, 1)(start(theta), theta)
    return np.linalg.norm(np.atleast_2d(E0), 2), np.linalg.norm(np.atleast_2d(g), 2)


def start_norms__partial_derivative(problem, start, theta):
    """g is the total derivative"""
    E0 = jax.jacfwd(start)(theta) - problem.jacobian(theta)
    return np.linalg.norm(E0), np.linalg.norm(jax.jacfwd(problem.gradient, 1)(start(theta), theta))


def start_norms__spectral(problem, start, theta):
    """D and G are Frobenius norms"""
    E0 = jax.jacfwd(start)(theta) - problem.jacobian(theta)
    g = jax.jacfwd(lambda theta: problem.gradient(start(theta), theta))(theta)
    return np.linalg.norm(E0, 2), np.linalg.norm(g, 2)


def step_term__forgets_the_hessian(H, e0, h, dh, t):
    """whose derivative in h is -λ e₀ = -6"""
    return -t * dh * np.linalg.matrix_power(np.eye(len(H)) - h * H, max(t - 1, 0)) @ e0


def step_term__forgets_the_speed(H, e0, h, dh, t):
    """the derivative of the step size is a factor"""
    return -t * H @ np.linalg.matrix_power(np.eye(len(H)) - h * H, max(t - 1, 0)) @ e0


def corner__other_start(method, a, b, num_steps):
    """start from (0, 1)"""
    M = jnp.array([[a, 1.0], [0.0, b]])
    state = method.init(jnp.array([1.0, 0.0]))
    for _ in range(num_steps):
        state = method.step(lambda x: M @ x, state)
    return method.iterate(state)[0]


def corner__second_component(method, a, b, num_steps):
    """that is P₂(b), the second component"""
    M = jnp.array([[a, 1.0], [0.0, b]])
    state = method.init(jnp.array([0.0, 1.0]))
    for _ in range(num_steps):
        state = method.step(lambda x: M @ x, state)
    return method.iterate(state)[1]


def nu__frobenius(dH):
    """that is the Frobenius norm of ∂H"""
    return np.linalg.norm(dH)


def nu__one_matrix_at_a_time(dH):
    """the columns of ∂H v count together"""
    return max(np.linalg.norm(it, 2) for it in np.moveaxis(dH, 2, 0))
