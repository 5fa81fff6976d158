"""The methods against plain loops, their special cases, and their manners as pytrees."""

import inspect

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


@pytest.mark.parametrize("num_steps", [0, 1, 3])
def test_joined_methods_run_one_after_the_other(num_steps):
    first, then = unrolling.nesterov(0.5, 4.0), unrolling.chebyshev(0.2, 4.0)
    begun = reference.nesterov(gradient, np.ones(3), num_steps, 0.5, 4.0)
    expected = np.array(begun[:-1] + reference.chebyshev(gradient, begun[-1], T - num_steps, 0.2, 4.0))
    joined = unrolling.join(first, then, num_steps)
    assert_close(unrolling.iterates(joined, CASES["nonquadratic"].f, np.ones(3), THETA, T), expected, T, WIDTH)


def test_polynomials_of_joined_methods_are_products():
    first, then, lam = unrolling.momentum(0.3, 0.5), unrolling.sobolev(0.2, 1.0), np.linspace(0.1, 1, 5)
    P, dP = unrolling.residual_polynomials(unrolling.join(first, then, 2), lam, T)
    (Q, dQ), (R, dR) = (unrolling.residual_polynomials(m, lam, T) for m in (first, then))
    assert_close(P[2:], Q[2] * R[: T - 1], T, WIDTH)
    assert_close(dP[2:], dQ[2] * R[: T - 1] + Q[2] * dR[: T - 1], T, WIDTH)


@pytest.mark.parametrize("part", ["init", "step", "iterate"])
def test_methods_of_a_user_are_joined_and_read_afresh(part):
    data = {"h": 0.25}
    plain = unrolling.Method(lambda x: x, lambda gradient, x: x - data["h"] * gradient(x), lambda x: x)
    ours = unrolling.gradient_descent(0.5)
    mixed = ours._replace(**{part: getattr(plain, part)})
    f = lambda x, theta: theta * (x**2).sum() / 2  # noqa: E731
    for h in (0.25, 0.125):
        data["h"] = h
        step = h if part == "step" else 0.5
        for joined, expected in [
            (unrolling.join(mixed, ours, 2), [1, 1 - step, (1 - step) ** 2, (1 - step) ** 2 / 2]),
            (unrolling.join(ours, mixed), [1, 0.5, 0.5 * (1 - step), 0.5 * (1 - step) ** 2]),
        ]:
            assert unrolling.iterates(joined, f, 1.0, 1.0, 3).tolist() == expected  # powers of two, all exact


def test_only_methods_are_joined():
    method = unrolling.gradient_descent(0.5)
    for name, methods in [("first", (0.5, method)), ("then", (method, "chebyshev"))]:
        with pytest.raises(TypeError, match=f"{name} must be a Method"):
            unrolling.join(*methods)


def heights(method, num_steps):
    """max |P_t - lam P_t'| over [0.01, 1] at each t: the worst factor of the Jacobian's error for G = 0."""
    lam = np.linspace(0.01, 1, 991)
    P, dP = unrolling.residual_polynomials(method, lam, num_steps)
    return np.abs(P - lam * dP).max(1)


@given(steps=st.lists(st.floats(0.01, 2), min_size=1, max_size=40), place=st.integers(0, 40))
def test_one_short_step_among_steps_of_at_most_twice_its_size_and_no_error_grows(steps, place):
    steps = np.resize(np.insert(steps, min(place, len(steps)), 1.0), 41)
    schedule = unrolling.Method(
        lambda x0: (x0, 0),
        lambda gradient, state: (state[0] - jnp.asarray(steps)[state[1]] * gradient(state[0]), state[1] + 1),
        lambda state: state[0],
    )
    done = np.flatnonzero(steps == 1)[0] + 1
    assert heights(schedule, 41)[done:].max() <= 1 + 8 * reference.EPS * 41


@pytest.mark.parametrize("short, highest", [(None, 36.79), (0.9, 3.37), (1.0, 1.0), (1.1, 4.10)])
def test_a_short_step_must_be_the_right_one(short, highest):
    fast = unrolling.gradient_descent(2 / 1.01)
    method = fast if short is None else unrolling.join(unrolling.gradient_descent(short), fast)
    assert heights(method, 400).max() == pytest.approx(highest, rel=2e-3)


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
    "sobolev": lambda theta: unrolling.sobolev(theta[0], theta[1] + 2, theta[0], theta[1]),
    "join": lambda theta: unrolling.join(unrolling.gradient_descent(1 / theta[1]), unrolling.nesterov(theta[0], 3.0)),
}


def test_the_tables_have_every_method():
    every = {
        name
        for name in unrolling.__all__
        if inspect.signature(getattr(unrolling, name)).return_annotation is unrolling.Method
    }
    assert {name.replace(" ", "_") for name in METHODS} == {name.replace(" ", "_") for name in BUILDS} == every


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
