"""Wrong answers to the project's functions, each with what the tests say to it."""

import jax
import jax.numpy as jnp

import unrolling


def unrolled_hypergradients__not_of_outer(inner, outer, x0, theta, step_size, num_steps):
    """θ stands in the outer objective too"""
    xs, jacobians = unrolling.unroll(unrolling.gradient_descent(step_size), inner, x0, theta, num_steps)
    return jax.vmap(lambda x, J: jax.grad(outer)(x, theta) @ J)(xs, jacobians)


def unrolled_hypergradients__the_last_one_only(inner, outer, x0, theta, step_size, num_steps):
    """one for each of t = 0, 1, 2"""
    method = unrolling.gradient_descent(step_size)
    return jnp.asarray(unrolling.hypergradient(outer, method, inner, x0, theta, num_steps))


def cured__more_of_the_same(inner, outer, x0, theta, ell, L, num_steps):
    """the sign is still wrong"""
    method = unrolling.gradient_descent(2 / (L + ell))
    return unrolling.hypergradient(outer, method, inner, x0, theta, num_steps)


def cured__one_calm_method(inner, outer, x0, theta, ell, L, num_steps):
    """within a fifth is asked for"""
    method = unrolling.gradient_descent(0.02 / L)
    return unrolling.hypergradient(outer, method, inner, x0, theta, num_steps)
