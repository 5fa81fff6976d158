"""Answers that are wrong as students' answers are, each with what the tests must say of it."""

import jax
import jax.numpy as jnp
import numpy as np


def dot_test__forward_mode_twice(forward, reverse, at, u, q):
    """use its reverse mode"""
    Ju = jax.jvp(forward, (at,), (u,))[1]
    JTq = jax.jacfwd(forward)(at).T @ q
    return abs(Ju @ q / (u @ JTq) - 1)


def taylor_order__natural_logarithm(Phi, theta, g, u, step):
    """the order is 2 at any small step"""
    rest = [Phi(theta + s * u) - Phi(theta) - s * (g @ u) for s in (step, step / 2)]
    return np.log(abs(rest[0] / rest[1]))


def taylor_order__forgets_the_step(Phi, theta, g, u, step):
    """the gradient is right, and the order 2"""
    rest = [Phi(theta + s * u) - Phi(theta) - g @ u for s in (step, step / 2)]
    return np.log2(abs(rest[0] / rest[1]))


def repaired_hypergradient__as_it_was(outer, f, x, theta):
    """φ contains θ itself"""
    v = jnp.linalg.solve(jax.hessian(f)(x, theta), jax.grad(outer)(x, theta))
    return -jax.vjp(lambda theta: jax.grad(f)(x, theta), theta)[1](v)[0]


def repaired_hypergradient__other_sign(outer, f, x, theta):
    """the direct term is added, not subtracted"""
    b, direct = jax.grad(outer, (0, 1))(x, theta)
    v = jnp.linalg.solve(jax.hessian(f)(x, theta), b)
    return -direct - jax.vjp(lambda theta: jax.grad(f)(x, theta), theta)[1](v)[0]
