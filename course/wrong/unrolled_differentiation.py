"""Known wrong answers to foundations/unrolled-differentiation; each docstring is what the tests must say."""

import jax
import jax.numpy as jnp
import numpy as np


def piggyback__forgets_the_explicit_term(F, x0, theta, num_steps):
    """the Jacobians are 0, 0, -1/4"""
    x, J = x0(theta), jax.jacfwd(x0)(theta)
    xs, Js = [x], [J]
    for _ in range(num_steps):
        J, x = jax.jacfwd(F)(x, theta) @ J, F(x, theta)
        xs.append(x)
        Js.append(J)
    return jnp.stack(xs), jnp.stack(Js)


def piggyback__constant_start(F, x0, theta, num_steps):
    """the start depends on θ"""
    x, J = x0(theta), jnp.zeros((len(x0(theta)), len(theta)))
    xs, Js = [x], [J]
    for _ in range(num_steps):
        dF_dx, dF_dtheta = jax.jacfwd(F, argnums=(0, 1))(x, theta)
        x, J = F(x, theta), dF_dx @ J + dF_dtheta
        xs.append(x)
        Js.append(J)
    return jnp.stack(xs), jnp.stack(Js)


def piggyback__derivatives_at_the_new_iterate(F, x0, theta, num_steps):
    """both derivatives of F are taken at the iterate before it"""
    x, J = x0(theta), jax.jacfwd(x0)(theta)
    xs, Js = [x], [J]
    for _ in range(num_steps):
        x = F(x, theta)
        dF_dx, dF_dtheta = jax.jacfwd(F, argnums=(0, 1))(x, theta)
        J = dF_dx @ J + dF_dtheta
        xs.append(x)
        Js.append(J)
    return jnp.stack(xs), jnp.stack(Js)


def nesterov_jacobian__explicit_term_at_x(H, b, ell, L, num_steps):
    """the gradient is taken at y_t, not at x_t"""
    root = np.sqrt(ell / L)
    m = (1 - root) / (1 + root)
    x, x_old, J, J_old = (np.zeros(len(b)) for _ in range(4))
    for _ in range(num_steps):
        y, w = x + m * (x - x_old), J + m * (J - J_old)
        J, J_old = w - (H @ w + x) / L, J
        x, x_old = y - (H @ y + b) / L, x
    return J


def nesterov_jacobian__without_memory(H, b, ell, L, num_steps):
    """the Jacobian remembers too"""
    root = np.sqrt(ell / L)
    m = (1 - root) / (1 + root)
    x, x_old, J = (np.zeros(len(b)) for _ in range(3))
    for _ in range(num_steps):
        y = x + m * (x - x_old)
        x, x_old = y - (H @ y + b) / L, x
        J = J - (H @ J + y) / L
    return J


def last_iterate__stops_the_iterate(gradient, step_size, x0, theta, num_steps):
    """what is to be stopped is the step, not the iterate"""

    def step(_, x):
        h = step_size(theta)
        return x - h * gradient(jax.lax.stop_gradient(x), theta)

    return jax.lax.fori_loop(0, num_steps, step, x0)


def last_iterate__stops_nothing(gradient, step_size, x0, theta, num_steps):
    """the step size is still differentiated"""
    step = lambda _, x: x - step_size(theta) * gradient(x, theta)
    return jax.lax.fori_loop(0, num_steps, step, x0)


def last_iterate__stops_everything(gradient, step_size, x0, theta, num_steps):
    """nothing is differentiated any more"""
    theta = jax.lax.stop_gradient(theta)
    step = lambda _, x: x - step_size(theta) * gradient(x, theta)
    return jax.lax.fori_loop(0, num_steps, step, x0)


def shifted_error__distance_to_zero(h, theta, x0, t):
    """from the solution only the first term is there"""
    return (1 - h * theta) ** t / theta**2 - h * t * (1 - h * theta) ** max(t - 1, 0) * x0


def shifted_error__sign_of_the_first_error(h, theta, x0, t):
    """from x₀ = 3 with hθ = 1/2 the errors are 1"""
    return -((1 - h * theta) ** t) / theta**2 - h * t * (1 - h * theta) ** max(t - 1, 0) * (x0 - 1 / theta)
