"""The implicit function theorem against finite differences of minimizers, and off the minimizer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from conftest import CASES
from reference import EPS, assert_close, finite_differences

import unrolling

T = 7


def minimizer(f, x0, theta):
    """Newton's method to the last digit: 12 steps, where about 6 are needed."""
    newton = NEWTON[f]
    x = x0
    for _ in range(12):
        x = newton(x, theta)
    return x


def _newton(f):
    @jax.jit
    def step(x, theta):
        H = jax.hessian(f)(x, theta).reshape(x.size, x.size)
        return x - jnp.linalg.solve(H, jax.grad(f)(x, theta).ravel()).reshape(x.shape)

    return step


NEWTON = {case.f: _newton(case.f) for case in CASES.values()}


def test_it_is_the_jacobian_of_the_minimizer(case):
    """Truncation leaves 4e-11 times a third derivative in theta, which a condition number of 10 can make a thousand."""
    f, theta, x0 = case
    x_star = minimizer(f, np.asarray(x0(theta)), theta)
    jacobian = unrolling.argmin_jacobian(f, x_star, theta)
    expected = finite_differences(lambda theta: minimizer(f, x_star, theta), theta)
    assert jacobian.shape == x_star.shape + theta.shape
    np.testing.assert_allclose(jacobian, expected, rtol=0, atol=4e-8 * np.abs(expected).max())


def test_it_is_the_jacobian_of_a_quadratic(quadratic):
    f, theta, _ = quadratic
    assert_close(unrolling.argmin_jacobian(f, f.minimizer(theta), theta), f.jacobian(theta), 1, 100)


def test_its_error_at_an_iterate_is_proportional_to_the_error_of_the_iterate(quadratic):
    """-H^{-1} dH (x_t - x*): no curse. Exact for every Quadratic, whether or not dH commutes with H."""
    f, theta, x0 = quadratic
    x = unrolling.iterates(unrolling.gradient_descent(0.3), f, x0, theta, T)[-1]
    dH = np.asarray(jax.jacfwd(f.hessian)(theta))
    expected = -np.linalg.solve(f.hessian(theta), np.tensordot(x - f.minimizer(theta), dH, (0, 1)).reshape(3, -1))
    error = unrolling.argmin_jacobian(f, x, theta) - f.jacobian(theta)
    assert np.abs(expected).max() > 1e-3
    # Both Jacobians are a solve with condition number 10 or less.
    atol = 10 * 10 * EPS * np.abs(f.jacobian(theta)).max()
    np.testing.assert_allclose(error.reshape(3, -1), expected, rtol=0, atol=atol)


def test_it_works_inside_jit():
    f, theta, x0 = CASES["matrix x"]
    x = np.asarray(x0(theta))
    run = jax.jit(lambda x, theta: unrolling.argmin_jacobian(f, x, theta))
    assert_close(run(x, theta), unrolling.argmin_jacobian(f, x, theta), 1, 100)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, theta: theta * x.sum(),
        lambda x, theta: theta * x.sum() ** 2 + theta * x[0],
        lambda x, theta: (theta * jnp.array([0.1, 0.3]) @ x) ** 2 + (jnp.array([0.7, 2.1]) @ x) ** 2,
    ],
    ids=["no curvature", "rank one", "rank one but for rounding"],
)
def test_a_singular_hessian_is_refused(f):
    with pytest.raises(ValueError, match="invertible Hessian"):
        unrolling.argmin_jacobian(f, np.ones(2), 1.0)


def test_of_no_numbers_there_are_no_derivatives():
    assert unrolling.argmin_jacobian(lambda x, theta: theta * (x**2).sum(), np.zeros(0), 1.0).shape == (0,)
