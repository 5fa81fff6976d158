"""What the answers to the exercises of foundations/unrolled-differentiation must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("unrolled-differentiation-exercise-unroll", points=1)
def test_shown_two_steps(piggyback):
    step = lambda x, theta: x - 0.5 * (theta * x - 1)
    xs, Js = piggyback(step, lambda theta: 0 * theta, jnp.array([1.0]), 2)
    assert np.allclose(np.ravel(xs), [0, 0.5, 0.75]), f"the iterates are 0, 1/2, 3/4, and not {np.ravel(xs)}"
    assert np.allclose(np.ravel(Js), [0, 0, -0.25]), f"the Jacobians are 0, 0, -1/4, and not {np.ravel(Js)}"


@task("unrolled-differentiation-exercise-unroll", points=2)
def test_jacobians_are_those_of_the_program(piggyback):
    """Of a step that is linear in neither x nor theta, from a start that moves."""
    M = jnp.array([[0.2, 0.1, 0.0], [0.0, 0.3, -0.2]]).T
    step = lambda x, theta: jnp.sin(x) / 2 + M @ theta * (1 + x[::-1] ** 2 / 4)
    start, theta = lambda theta: jnp.array([theta[0], theta[1], theta[0] * theta[1]]), jnp.array([0.4, -0.7])

    def program(theta):
        xs = [start(theta)]
        for _ in range(3):
            xs.append(step(xs[-1], theta))
        return jnp.stack(xs)

    xs, Js = piggyback(step, start, theta, 3)
    exact = np.asarray(jax.jit(jax.jacfwd(program))(theta))
    assert np.shape(xs) == (4, 3) and np.shape(Js) == (4, 3, 2), f"the shapes are not {np.shape(xs)}, {np.shape(Js)}"
    assert np.abs(Js[0] - exact[0]).max() < 1e-9, "the start depends on θ, and has a Jacobian of its own"
    assert np.abs(Js[1] - exact[1]).max() < 1e-9, (
        "after one step: both derivatives of F are taken at the iterate before it"
    )
    assert np.abs(Js - exact).max() < 1e-9, "the first step is right, and a later one is not"


def nesterov_of_the_library(ell, L, num_steps):
    base = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 0.5]])
    b = np.array([1.0, -2.0, 0.5])
    problem = unrolling.Quadratic(lambda theta: base + theta * jnp.eye(3), lambda theta: jnp.asarray(b))
    run = unrolling.unroll(unrolling.nesterov(ell, L), problem, np.zeros(3), 0.1, num_steps)
    return base + 0.1 * np.eye(3), b, np.asarray(run.jacobians)


@task("unrolled-differentiation-nesterov", points=1)
def test_shown_two_steps_of_one_variable(nesterov_jacobian):
    J = float(np.ravel(nesterov_jacobian(np.eye(1), -np.ones(1), 1.0, 1.0, 2))[0])
    assert abs(J + 1) < 1e-12, f"for H = L = 1 the second step is at the solution, whose Jacobian is -1, not {J}"


@task("unrolled-differentiation-nesterov", points=2)
@pytest.mark.parametrize("num_steps", [2, 12])
def test_jacobian_is_the_librarys(nesterov_jacobian, num_steps):
    H, b, jacobians = nesterov_of_the_library(0.4, 2.5, 12)
    J = np.asarray(nesterov_jacobian(H, b, 0.4, 2.5, num_steps))
    if num_steps == 2:
        message = "the last term is -y_t/L: the gradient is taken at y_t, not at x_t"
    else:
        message = "the Jacobian remembers too: w_t = J_t + m (J_t - J_{t-1})"
    right = np.abs(J - jacobians[num_steps]).max() < 1e-9
    assert right, f"after {num_steps} steps it is not that of a run; {message}"


def parabola(x, theta):
    """The gradient of an objective with the Hessian diag(theta, 2)."""
    return jnp.array([theta, 2.0]) * x - jnp.array([1.0, theta])


def jacobian(last_iterate, num_steps):
    rule = lambda theta: 1 / (theta + 2)
    run = lambda theta: last_iterate(parabola, rule, jnp.array([1.0, -1.0]), theta, num_steps)
    return np.asarray(run(0.5)), np.asarray(jax.jacfwd(run)(0.5))


def recurrence(num_steps, frozen):
    """Iterate and Jacobian by the recurrence, with the step for a constant or not."""
    x, J, h, slope = np.array([1.0, -1.0]), np.zeros(2), 0.4, 0.0 if frozen else -0.16
    for _ in range(num_steps):
        gradient, own = np.array([0.5, 2.0]) * x - [1.0, 0.5], np.array([x[0], -1.0])
        x, J = x - h * gradient, J - h * (np.array([0.5, 2.0]) * J + own) - slope * gradient
    return x, J


@task("unrolled-differentiation-exercise-bug", points=1)
def test_shown_one_step(last_iterate):
    run = lambda theta: last_iterate(lambda x, theta: theta * x - 1, lambda theta: 1 / theta, jnp.array(1.0), theta, 1)
    value, slope = run(2.0), jax.jacfwd(run)(2.0)
    assert abs(value - 0.5) < 1e-12, f"one step with h = 1/2 leads from 1 to 1/2, not to {value}"
    assert abs(slope + 0.5) < 1e-12, f"with h = 1/2 held constant the slope is -h x₀ = -1/2, not {slope}"


@task("unrolled-differentiation-exercise-bug", points=2)
def test_only_the_step_is_stopped(last_iterate):
    x, J = jacobian(last_iterate, 6)
    exact, right = recurrence(6, True)
    assert np.abs(x - exact).max() < 1e-9, "the iterates are no longer those of gradient descent"
    moving = np.abs(J - recurrence(6, False)[1]).max()
    assert moving > 1e-9, "the step size is still differentiated"
    assert np.abs(J).max() > 0, "nothing is differentiated any more"
    assert np.abs(J - right).max() < 1e-9, (
        "the term -h H J_t is lost: what is to be stopped is the step, not the iterate"
    )


@task("unrolled-differentiation-shift", points=1)
def test_shown_one_step_of_the_error(shifted_error):
    errors = [float(shifted_error(0.5, 1.0, 3.0, t)) for t in (0, 1)]
    assert np.allclose(errors, [1, -0.5]), f"from x₀ = 3 with hθ = 1/2 the errors are 1 and 1/2 - 1, and not {errors}"


@task("unrolled-differentiation-shift", points=2)
@pytest.mark.parametrize("h, theta, x0", [(0.3, 0.8, 0.0), (0.5, 2.0, 0.5), (1.5, 1.1, -2.0)])
def test_error_is_that_of_a_run(shifted_error, h, theta, x0):
    x, J = x0, 0.0
    for t in range(8):
        error = float(shifted_error(h, theta, x0, t))
        note = "from the solution only the first term is there; " if x0 * theta == 1 else ""
        assert abs(error - (J + 1 / theta**2)) < 1e-9, (
            f"{note}t = {t}: the run has {J + 1 / theta**2:.4f}, not {error:.4f}"
        )
        x, J = x - h * (theta * x - 1), J - h * (theta * J + x)
