"""Known wrong answers to foundations/implicit-differentiation; each docstring is what the tests must say."""

import jax
import jax.numpy as jnp
import numpy as np


def value_slope__of_ridge_regression(f, x, theta):
    """here f is not that of ridge regression"""
    return jnp.sum(jnp.square(x)) / 2


def value_slope__in_the_variables(f, x, theta):
    """what counts is the one in θ"""
    return jax.grad(f)(x, theta)


def neumann_jacobian__one_term_more(H, mixed, h, K):
    """K = 1 is one term"""
    term, total = -h * mixed, np.zeros_like(mixed)
    for _ in range(K + 1):
        total, term = total + term, term - h * (H @ term)
    return total


def neumann_jacobian__forgets_the_step(H, mixed, h, K):
    """-h times `mixed`, and not"""
    term, total = -mixed, np.zeros_like(mixed)
    for _ in range(K):
        total, term = total + term, term - h * (H @ term)
    return total


def jacobian_in_targets__sign_of_the_mixed_derivative(A, weight):
    """x⋆ is (y₁ + 2 y₂)/10"""
    return -np.linalg.solve(A.T @ A + weight * np.eye(A.shape[1]), A.T)


def jacobian_in_targets__transposed(A, weight):
    """one coefficient and two targets make the shape (1, 2)"""
    return np.linalg.solve(A.T @ A + weight * np.eye(A.shape[1]), A.T).T


def jacobian_from_products__hessian_at_zero(gradient, x, theta):
    """its Hessian is to be taken at x, not at zero"""
    mixed = jax.jacfwd(gradient, 1)(x, theta)
    product = lambda p: jax.jvp(lambda z: gradient(z, theta), (jnp.zeros_like(x),), (p,))[1]
    return -jax.vmap(lambda rhs: jax.scipy.sparse.linalg.cg(product, rhs, tol=1e-10)[0], 1, 1)(mixed)


def jacobian_from_products__sign(gradient, x, theta):
    """its Jacobian is H⁻¹, not"""
    return jnp.linalg.solve(jax.jacfwd(gradient)(x, theta), jax.jacfwd(gradient, 1)(x, theta))
