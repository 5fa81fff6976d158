"""Wrong answers to an exercise of remedies/how-to-choose, each with what its student is told."""

import jax
import jax.numpy as jnp

import unrolling


def own_hypergradient__forgets_the_direct_term(outer, f, x, theta, num_products):
    """outer depends on theta itself, too"""
    cg = unrolling.conjugate_gradients(0.0, num_products)
    return unrolling.implicit_hypergradient(outer, f, x, theta, solve=cg) - jax.grad(outer, 1)(x, theta)


def own_hypergradient__has_the_wrong_sign(outer, f, x, theta, num_products):
    """the part through the solution has the other sign"""
    cg = unrolling.conjugate_gradients(0.0, num_products)
    return 2 * jax.grad(outer, 1)(x, theta) - unrolling.implicit_hypergradient(outer, f, x, theta, solve=cg)


def own_hypergradient__forms_the_hessian(outer, f, x, theta, num_products):
    """a matrix is formed"""
    b, direct = jax.grad(outer, (0, 1))(x, theta)
    v = jnp.linalg.solve(jax.hessian(f)(x, theta), b)
    return direct - jax.vjp(lambda theta: jax.grad(f)(x, theta), theta)[1](v)[0]
