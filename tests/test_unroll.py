"""Unrolled Jacobians against both modes of automatic differentiation, finite differences and plain loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from conftest import CASES, METHODS, A
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
