"""The methods against plain loops, their special cases, and their manners as pytrees."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from conftest import CASES, METHODS, A
from hypothesis import given
from hypothesis import strategies as st
from reference import assert_close
from scipy.special import expit

import unrolling

T = 20
WIDTH = 10
THETA = np.array([0.2, 0.6])
positive = st.floats(1e-3, 1.0)
starts = st.lists(st.floats(-10, 10), min_size=3, max_size=3).map(np.array)


def gradient(x):
    """Of the objective "nonquadratic" at `THETA`; its curvature is at most about 3."""
    return A.T @ expit(A @ x - THETA[0]) + THETA[1] * x


def assert_runs_as(method, loop, parameters, x0):
    expected = np.array(loop(gradient, x0, T, *parameters))
    assert_close(unrolling.iterates(method, CASES["nonquadratic"].f, x0, THETA, T), expected, T, WIDTH)


@given(h=positive, x0=starts)
def test_gradient_descent_is_its_loop(h, x0):
    assert_runs_as(unrolling.gradient_descent(h / 2), reference.gradient_descent, (h / 2,), x0)


@given(h=positive, m=st.floats(0, 0.99), x0=starts)
def test_momentum_is_its_loop(h, m, x0):
    assert_runs_as(unrolling.momentum(h / 2, m), reference.momentum, (h / 2, m), x0)


@given(L=st.floats(2, 20), kappa=positive, x0=starts)
def test_nesterov_is_its_loop(L, kappa, x0):
    assert_runs_as(unrolling.nesterov(kappa * L, L), reference.nesterov, (kappa * L, L), x0)


@given(L=st.floats(2, 20), kappa=st.floats(0.05, 0.99), x0=starts)
def test_chebyshev_is_its_loop(L, kappa, x0):
    assert_runs_as(unrolling.chebyshev(kappa * L, L), reference.chebyshev, (kappa * L, L), x0)


@pytest.mark.parametrize(
    "method",
    [unrolling.nesterov(3.0, 3.0), unrolling.chebyshev(3.0, 3.0), unrolling.momentum(1 / 3, 0.0)],
    ids=["nesterov", "chebyshev", "momentum"],
)
def test_with_one_eigenvalue_or_no_momentum_all_are_gradient_descent(method):
    expected = np.array(reference.gradient_descent(gradient, np.ones(3), T, 1 / 3))
    assert_close(unrolling.iterates(method, CASES["nonquadratic"].f, np.ones(3), THETA, T), expected, T, WIDTH)


def test_chebyshev_runs_for_5000_steps():
    """T_5000(s_0) overflows a float; the method's own coefficients do not. The errors end at the smallest floats."""
    method = unrolling.chebyshev(0.1, 1.0)
    problem = unrolling.Quadratic(lambda theta: jnp.diag(jnp.array([0.1, 0.5, 1.0])) * theta, lambda _: jnp.ones(3))
    assert jnp.isinf(jnp.cosh(5000 * jnp.arccosh(1.1 / 0.9)))
    for values in (
        *unrolling.unroll(method, problem, np.zeros(3), 1.0, 5000),
        *unrolling.jacobian_errors(method, problem, np.zeros(3), 1.0, 5000),
        *unrolling.residual_polynomials(method, np.array([0.1, 0.5, 1.0]), 5000),
    ):
        assert np.isfinite(values).all()
    x_error, jacobian_error = unrolling.jacobian_errors(method, problem, np.zeros(3), 1.0, 5000)
    assert x_error[-1] < 1e-300 and jacobian_error[-1] < 1e-300


BUILDS = {
    "gradient descent": lambda theta: unrolling.gradient_descent(1 / theta[1]),
    "momentum": lambda theta: unrolling.momentum(0.2 / theta[1], theta[0]),
    "nesterov": lambda theta: unrolling.nesterov(theta[0], theta[1] + 2),
    "chebyshev": lambda theta: unrolling.chebyshev(theta[0], theta[1] + 2),
}


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_parameters_computed_from_theta_do_not_leak_into_the_jacobian(build):
    """Built from the traced theta or from its value, a method gives the same Jacobian, in both modes."""
    f, theta, x0 = CASES["nonquadratic"]
    _, expected = unrolling.unroll(build(theta), f, x0, theta, 7)
    run = lambda theta: unrolling.iterates(build(theta), f, x0, theta, 7)  # noqa: E731
    forward, reverse = jax.jit(lambda theta: (jax.jacfwd(run)(theta), jax.jacrev(run)(theta)))(theta)
    assert_close(forward, expected, 7, WIDTH)
    assert_close(reverse, expected, 7, WIDTH)


def test_methods_are_pytrees():
    """A stack of step sizes makes a stack of methods, and one compilation serves them all."""
    f, theta, x0 = CASES["nonquadratic"]
    h, m = np.array([0.1, 0.2, 0.3]), np.array([0.0, 0.5, 0.9])
    stack = jax.vmap(unrolling.momentum)(h, m)
    runs = jax.vmap(lambda method: unrolling.iterates(method, f, x0, theta, 7))(stack)
    for i in range(3):
        assert_close(runs[i], unrolling.iterates(unrolling.momentum(h[i], m[i]), f, x0, theta, 7), 7, WIDTH)


def test_another_step_size_compiles_nothing_again():
    f, theta, x0 = CASES["nonquadratic"]
    traces = []

    def counted(x, theta):
        traces.append(1)
        return f(x, theta)

    unrolling.iterates(unrolling.gradient_descent(0.1), counted, np.ones(3), theta, 7)
    before = len(traces)
    unrolling.iterates(unrolling.gradient_descent(0.1), counted, np.ones(3), theta, 7)
    known = len(traces) - before  # the check of f's result looks at f anew each time
    unrolling.iterates(unrolling.gradient_descent(0.2), counted, 2 * np.ones(3), theta + 1, 7)
    assert len(traces) - before - known == known


def test_a_user_writes_a_method_as_three_plain_functions():
    """Gradient descent, whose state also counts the steps: as a whole number, which has no derivative."""
    method = unrolling.Method(
        init=lambda x0: (x0, 0),
        step=lambda gradient, state: (state[0] - 0.3 * gradient(state[0]), state[1] + 1),
        iterate=lambda state: state[0],
    )
    own = METHODS["gradient descent"]
    f, theta, x0 = CASES["quadratic"]
    for call in (unrolling.unroll, unrolling.jacobian_errors):
        for value, expected in zip(call(method, f, x0, theta, 7), call(own, f, x0, theta, 7), strict=True):
            assert_close(value, expected, 7, WIDTH)
    outer = lambda x, theta: (x**2).sum()  # noqa: E731
    gradient, expected = (unrolling.hypergradient(outer, m, f, x0, theta, 7, checkpoint=True) for m in (method, own))
    assert_close(gradient, expected, 7, WIDTH)
