"""Wrong answers to problem set 1, each with what the tests say to it."""

import jax
import jax.numpy as jnp


def softmax_jacobian__sign(W, A, classes, theta):
    """the sign: ∂W = −H⁻¹ ∂θ∇f"""

    def loss(w):
        logits = jax.nn.log_softmax(A @ w.reshape(W.shape))
        return -logits[jnp.arange(len(A)), classes].mean() + theta / 2 * jnp.sum(w**2)

    return jnp.linalg.solve(jax.hessian(loss)(jnp.ravel(W)), jnp.ravel(W)).reshape(W.shape)


def softmax_jacobian__sum_over_the_rows(W, A, classes, theta):
    """the mean over the rows"""

    def loss(w):
        logits = jax.nn.log_softmax(A @ w.reshape(W.shape))
        return -logits[jnp.arange(len(A)), classes].sum() + theta / 2 * jnp.sum(w**2)

    return -jnp.linalg.solve(jax.hessian(loss)(jnp.ravel(W)), jnp.ravel(W)).reshape(W.shape)


def momentum_jacobian__no_explicit_term(gradient, x0, theta, step_size, momentum, num_steps):
    """the explicit term"""
    x = before = jnp.asarray(x0)
    J = J_before = jnp.zeros_like(x)
    for _ in range(num_steps):
        slope, product = jax.jvp(lambda x: gradient(x, theta), (x,), (J,))
        x, before = x - step_size * slope + momentum * (x - before), x
        J, J_before = J - step_size * product + momentum * (J - J_before), J
    return x, J


def momentum_jacobian__only_for_x(gradient, x0, theta, step_size, momentum, num_steps):
    """the Jacobians have momentum, too"""
    x = before = jnp.asarray(x0)
    J = jnp.zeros_like(x)
    for _ in range(num_steps):
        slope, moves = jax.jvp(gradient, (x, theta), (J, jnp.ones_like(theta)))
        x, before = x - step_size * slope + momentum * (x - before), x
        J = J - step_size * moves
    return x, J


def outer_gradient__theta_held_fixed(outer, f, x0, theta, step_size, num_steps):
    """is θ held fixed?"""

    def value(theta):
        x = x0
        for _ in range(num_steps):
            x = x - step_size * jax.grad(f)(x, jax.lax.stop_gradient(theta))
        return outer(x, theta)

    return jax.grad(value)(theta)


def outer_gradient__not_of_outer(outer, f, x0, theta, step_size, num_steps):
    """θ stands in the outer function itself, too"""

    def run(theta):
        x = x0
        for _ in range(num_steps):
            x = x - step_size * jax.grad(f)(x, theta)
        return x

    x, pull_back = jax.vjp(run, theta)
    return pull_back(jax.grad(outer)(x, theta))[0]
