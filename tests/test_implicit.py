"""The implicit function theorem against finite differences of minimizers, and off the minimizer."""

import jax
import jax.numpy as jnp
import lineax
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


def with_lineax(product, b):
    """The caller's own: GMRES of Lineax."""
    operator = lineax.FunctionLinearOperator(product, jax.eval_shape(lambda: b))
    return lineax.linear_solve(operator, b, lineax.GMRES(rtol=1e-13, atol=1e-13)).value


SOLVES = {
    "by default": None,
    "direct": unrolling.direct,
    "conjugate gradients": unrolling.conjugate_gradients(1e-13),
    "neumann": unrolling.neumann(0.3, 400),
    "lineax": with_lineax,
}


def outer(x, theta):
    return jnp.sin(x).sum() + (theta**2).sum() * x.sum()


@pytest.mark.parametrize("name", SOLVES)
def test_implicit_hypergradient(case, name):
    """Against finite differences of outer(x*(theta), theta), with outer's own dependence on theta.

    As above, truncation leaves 4e-8. The curvature is between 0.2 and 5: 400 terms leave (1 - 0.06)^400 = 2e-11.
    """
    f, theta, x0 = case
    x_star = minimizer(f, np.asarray(x0(theta)), theta)
    gradient = unrolling.implicit_hypergradient(outer, f, x_star, theta, solve=SOLVES[name])
    expected = finite_differences(lambda theta: outer(minimizer(f, x_star, theta), theta), theta)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=4e-8 * np.abs(expected).max())


def test_truncated_it_is_unrolled_gradient_descent_at_a_point_that_stays(quadratic):
    """Both are h sum_{j<T} (I - hH)^j at x*, but for the sign and what x0 does: T steps from x* itself."""
    f, theta, _ = quadratic
    x_star = f.minimizer(theta)
    unrolled = unrolling.hypergradient(outer, unrolling.gradient_descent(0.3), f, x_star, theta, T)
    truncated = unrolling.implicit_hypergradient(outer, f, x_star, theta, solve=unrolling.neumann(0.3, T))
    assert_close(truncated, unrolled, T, 100)


def test_implicit_hypergradient_of_pytrees_and_in_single_precision():
    f, theta, x0 = CASES["quadratic"]
    x_star = f.minimizer(theta)
    expected = unrolling.implicit_hypergradient(outer, f, x_star, theta)
    of_trees = lambda g: lambda x, theta: g(jnp.append(x["a"], x["b"]), jnp.stack(theta))  # noqa: E731
    tree = {"a": x_star[:1], "b": x_star[1:]}
    for solve in SOLVES.values():
        first, second = unrolling.implicit_hypergradient(of_trees(outer), of_trees(f), tree, list(theta), solve=solve)
        np.testing.assert_allclose([first, second], expected, rtol=1e-9)
    small = lambda x, theta: ((x - theta) ** 2).sum()  # noqa: E731
    ones, solves = jnp.ones(2, jnp.float32), [unrolling.direct, *map(SOLVES.get, ("conjugate gradients", "neumann"))]
    for solve in solves:
        gradient = unrolling.implicit_hypergradient(small, small, ones, 2 * ones, solve=solve, dtype=jnp.float32)
        assert gradient.dtype == jnp.float32
        np.testing.assert_allclose(gradient, 0, atol=1e-5)


def test_it_forms_no_matrix():
    """10^5 unknowns: the Hessian would take 80 GB, the Jacobian as much."""
    d = 100_000
    f = lambda x, theta: ((1 + jnp.arange(d) / d) * x**2).sum() / 2 - theta @ x  # noqa: E731
    gradient = unrolling.implicit_hypergradient(
        lambda x, theta: x.sum(), f, np.ones(d), np.ones(d), solve=unrolling.conjugate_gradients(1e-12)
    )
    np.testing.assert_allclose(gradient, 1 / (1 + np.arange(d) / d), rtol=1e-9)


def test_it_works_inside_of_transformations():
    f, theta, x0 = CASES["nonquadratic"]
    x = np.asarray(x0(theta))
    run = lambda theta: unrolling.implicit_hypergradient(outer, f, x, theta)  # noqa: E731
    np.testing.assert_allclose(jax.jit(run)(theta), run(theta), rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(run)(np.stack([theta, 2 * theta]))[1], run(2 * theta), rtol=1e-12)
    for mode in (jax.jacfwd, jax.jacrev):
        np.testing.assert_allclose(mode(run)(theta), finite_differences(run, theta), rtol=0, atol=1e-7)


def test_a_solve_gives_what_fits():
    f, theta, x0 = CASES["quadratic"]
    with pytest.raises(TypeError, match=r"^solve must return .*\[3\].*, as x, got .*\[2\]"):
        unrolling.implicit_hypergradient(outer, f, np.ones(3), theta, solve=lambda product, b: b[:2])
    with pytest.raises(TypeError, match="^solve must be a function"):
        unrolling.implicit_hypergradient(outer, f, np.ones(3), theta, solve=1)
    with pytest.raises(ValueError, match="finite implicit gradient"):
        unrolling.implicit_hypergradient(outer, lambda x, theta: theta @ x[:2], np.ones(3), theta)
