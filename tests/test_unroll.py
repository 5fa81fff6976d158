"""Unrolled Jacobians against both modes of automatic differentiation, finite differences and plain loops."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import reference
from conftest import CASES, METHODS, A, B
from reference import assert_close, finite_differences
from scipy.special import expit

import unrolling

T = 7
WIDTH = 10  # no product in `CASES` adds more than this


def both_starts(case):
    """x0 as an array, and as a function of theta."""
    return np.asarray(case.x0(case.theta)), case.x0


def assert_differences(actual, expected):
    """Finite differences err by 4e-11 times the third derivative in theta, which 7 steps can make a few hundred."""
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_unroll_is_forward_and_reverse_differentiation_of_the_iterates(method, case):
    """By the chain rule for x_t(x_0(theta), theta), one derivative of the iterates serves both forms of x0."""
    f, theta, x0 = case
    constant, function = both_starts(case)
    dx0 = jax.jacfwd(x0)(theta)

    def run(x, theta):
        return unrolling.iterates(method, f, x, theta, T)

    @jax.jit
    def both_modes(x, theta):
        return jax.jacfwd(run, (0, 1))(x, theta), jax.jacrev(run, (0, 1))(x, theta)

    xs, jacobians = unrolling.unroll(method, f, constant, theta, T)
    same_xs, total_jacobians = unrolling.unroll(method, f, function, theta, T)
    assert_close(xs, run(constant, theta), T, WIDTH)
    assert_close(same_xs, xs, T, WIDTH)
    for d_x0, d_theta in both_modes(constant, theta):
        assert_close(jacobians, d_theta, T, WIDTH)
        assert_close(total_jacobians, jnp.tensordot(d_x0, dx0, constant.ndim) + d_theta, T, WIDTH)


def test_unroll_agrees_with_finite_differences(method, case):
    f, theta, _ = case
    for x0 in both_starts(case):
        _, jacobians = unrolling.unroll(method, f, x0, theta, T)
        run = lambda theta, x0=x0: unrolling.iterates(method, f, x0, theta, T)  # noqa: E731
        assert_differences(jacobians, finite_differences(run, theta))


def test_iterates_differentiate_through_a_start_that_is_a_function():
    f, theta, x0 = CASES["matrix theta"]
    method = unrolling.gradient_descent(0.3)
    _, jacobians = unrolling.unroll(method, f, x0, theta, T)
    assert_close(jax.jacfwd(lambda theta: unrolling.iterates(method, f, x0, theta, T))(theta), jacobians, T, WIDTH)


@pytest.mark.parametrize(
    "name, loop, parameters, start",
    [
        ("gradient descent", reference.gradient_descent, (0.3,), 4),
        ("momentum", reference.momentum, (0.2, 0.4), 4),
        ("nesterov", reference.nesterov, (0.2, 4.0), 4),
        ("chebyshev", reference.chebyshev, (0.2, 4.0), 4),
        ("chebyshev", reference.chebyshev, (0.2, 4.0), 1),
        ("chebyshev", reference.chebyshev, (0.2, 4.0), T),
    ],
)
def test_a_late_start_differentiates_from_a_constant_state(name, loop, parameters, start):
    """The loop's first gradients, up to x_K, are at a theta that stays: state and x_K do not depend on theta."""
    f, theta, x0 = CASES["nonquadratic"]

    def late(moving):
        thetas = iter([theta] * start + [moving] * (T - start))

        def gradient(x):
            at = next(thetas)
            return A.T @ expit(A @ x - at[0]) + at[1] * x

        return np.array(loop(gradient, np.asarray(x0(theta)), T, *parameters))

    xs, jacobians = unrolling.unroll(METHODS[name], f, x0, theta, T, start=start)
    assert_close(xs, late(theta), T, WIDTH)
    assert not jacobians[: start + 1].any()
    if start < T:
        assert_differences(jacobians, finite_differences(late, theta))


def test_a_late_start_keeps_a_start_that_is_a_function_constant():
    f, theta, x0 = CASES["nonquadratic"]
    method = METHODS["momentum"]
    _, jacobians = unrolling.unroll(method, f, x0, theta, T, start=4)
    _, expected = unrolling.unroll(method, f, np.asarray(x0(theta)), theta, T, start=4)
    assert_close(jacobians, expected, T, WIDTH)


def test_koehlers_scalar_example():
    """f = theta x^2 / 2 - b x at b = 0: |dx_t| = h x_0 t (1 - h theta)^{t-1}, with a tie at t = 199 and 200."""
    theta, h, x0 = 0.05, 0.1, 0.5
    f = lambda x, theta: (theta * x**2 / 2).sum()  # noqa: E731
    xs, jacobians = unrolling.unroll(unrolling.gradient_descent(h), f, np.array([x0]), theta, 1000)
    size = np.abs(jacobians.ravel())
    t = np.arange(1, 1001)
    np.testing.assert_allclose(size[1:], h * x0 * t * (1 - h * theta) ** (t - 1), rtol=8 * 1000 * reference.EPS)
    assert f"{size.max():.5f} {size[199]:.5f} {size[200]:.5f}" == "3.68802 3.68802 3.68802"
    assert size[198] < size[199] and size[201] < size[200]
    assert f"{size[1000]:.6f} {xs[1000, 0]:.8f}" == "0.334370 0.00332698"


def test_unrolling_works_inside_jit_and_vmap():
    """There, values are not known, and no check may ask for them."""
    f, theta, x0 = CASES["quadratic"]
    method = METHODS["chebyshev"]
    run = lambda theta: unrolling.unroll(method, f, x0, theta, T)  # noqa: E731
    thetas = np.stack([theta, theta / 2])
    xs, jacobians = jax.jit(jax.vmap(run))(thetas)
    for i in range(2):
        expected_xs, expected_jacobians = run(thetas[i])
        assert_close(xs[i], expected_xs, T, WIDTH)
        assert_close(jacobians[i], expected_jacobians, T, WIDTH)


def test_no_step_leaves_the_start():
    f, theta, x0 = CASES["matrix x"]
    xs, jacobians = unrolling.unroll(METHODS["chebyshev"], f, x0, theta, 0)
    assert_close(xs, x0(theta)[None], 1, 1)
    assert_close(jacobians, jax.jacfwd(x0)(theta)[None], 1, 1)


def from_optax(optimizer):
    """An optimizer of optax, as its documentation uses it: its state may hold counters, flags and random keys."""
    return unrolling.Method(
        lambda x0: (x0, optimizer.init(x0)),
        lambda gradient, state: step_of_optax(optimizer, gradient, *state),
        lambda state: state[0],
    )


def step_of_optax(optimizer, gradient, x, state):
    updates, state = optimizer.update(gradient(x), state, x)
    return optax.apply_updates(x, updates), state


OPTIMIZERS = {
    "sgd": optax.sgd(0.1),
    "momentum": optax.sgd(0.1, momentum=0.5, nesterov=True),
    "adam": optax.adam(0.05),
    "a schedule": optax.adamw(optax.exponential_decay(0.1, 3, 0.7), weight_decay=0.01),
    "noise with a random key": optax.chain(optax.add_noise(0.01, 0.5, jax.random.key(3)), optax.sgd(0.1)),
    "finite only": optax.apply_if_finite(optax.rmsprop(0.05), 3),
    "every second": optax.MultiSteps(optax.adam(0.1), 2),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("start", [0, 3])
def test_optimizers_of_optax_are_methods(name, start):
    """With a late start, too: whole numbers, flags and keys of a state have no derivative, and no step changes that."""
    f, theta, x0 = CASES["nonquadratic"]
    method, x0 = from_optax(OPTIMIZERS[name]), np.asarray(x0(theta))
    xs, jacobians = unrolling.unroll(method, f, x0, theta, T, start=start)

    def run(moving):
        state = method.init(jnp.asarray(x0))
        for t in range(T):
            state = method.step(lambda x, at=theta if t < start else moving: jax.grad(f)(x, at), state)
        return method.iterate(state)

    assert_close(xs[T], run(theta), T, WIDTH)
    assert_close(jacobians[T], jax.jacfwd(run)(theta), T, 100)


def nested(x):
    return {"w": x[:2], "rest": [x[2]]}


def test_a_pytree_is_as_its_numbers(method):
    """Of x and of theta, forward and in reverse, with a start that is a function."""
    f, theta, x0 = CASES["quadratic"]
    of_trees = lambda x, theta: f(jnp.append(x["w"], x["rest"][0]), jnp.stack([theta["a"], theta["b"][0]]))  # noqa: E731
    split = lambda theta: {"a": theta[0], "b": theta[1:]}  # noqa: E731
    start = lambda theta: nested(x0(jnp.stack([theta["a"], theta["b"][0]])))  # noqa: E731
    for first in (0, 3):
        expected = unrolling.unroll(method, f, x0, theta, T, start=first)
        xs, jacobians = unrolling.unroll(method, of_trees, start, split(theta), T, start=first)
        assert_close(jnp.column_stack([xs["w"], xs["rest"][0]]), expected.iterates, T, WIDTH)
        assert jacobians["w"]["b"].shape == (T + 1, 2, 1) and jacobians["rest"][0]["a"].shape == (T + 1,)
        assert_close(jacobians["w"]["a"], expected.jacobians[:, :2, 0], T, WIDTH)
        assert_close(jacobians["rest"][0]["b"], expected.jacobians[:, 2, 1:], T, WIDTH)
    np.testing.assert_array_equal(unrolling.iterates(method, of_trees, start, split(theta), T)["w"], xs["w"])
    outer = lambda x, theta: x["w"].sum() * theta["a"]  # noqa: E731
    gradient = unrolling.hypergradient(outer, method, of_trees, start, split(theta), T)
    flat = unrolling.hypergradient(lambda x, theta: x[:2].sum() * theta[0], method, f, x0, theta, T)
    assert_close(jnp.append(gradient["a"], gradient["b"]), flat, T, WIDTH)


def test_single_precision_on_request(method):
    """Half the digits: 8 roundings of 6e-8 a step, as in double precision of 2e-16."""
    f, theta, x0 = CASES["matrix x"]
    x0, small = np.asarray(x0(theta)), theta.astype(np.float32)
    low = lambda x, theta: jnp.cosh(x - theta).sum() / 4 + ((x @ B.astype(np.float32)) ** 2).sum() / 8  # noqa: E731
    xs = unrolling.iterates(method, low, x0.astype(np.float32), small, T, dtype=jnp.float32)
    expected = np.asarray(unrolling.iterates(method, f, x0, theta, T))
    tolerance = 8 * T * WIDTH * np.finfo(np.float32).eps
    assert xs.dtype == jnp.float32
    np.testing.assert_allclose(xs, expected, rtol=0, atol=tolerance * np.abs(expected).max())
    outer = lambda x, theta: (x**2).sum()  # noqa: E731
    gradient = unrolling.hypergradient(outer, method, low, x0.astype(np.float32), small, T, dtype=jnp.float32)
    exact = unrolling.hypergradient(outer, method, f, x0, theta, T)
    assert gradient.dtype == jnp.float32
    np.testing.assert_allclose(gradient, exact, rtol=0, atol=10 * tolerance * np.abs(exact).max())
