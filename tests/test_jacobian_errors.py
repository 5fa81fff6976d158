"""The error curves: they are the norms of what `unroll` returns, exact to rounding, and obey the master identity."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from conftest import CASES, METHODS
from reference import EPS, assert_close

import unrolling

T = 7
ROTATION, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))


def test_they_are_the_norms_of_the_unrolled_errors(method, quadratic):
    """Nothing in `quadratic` commutes but the ridge with one weight. A solve with condition 10 costs 10 roundings."""
    f, theta, x0 = quadratic
    for start in (np.asarray(x0(theta)), x0):
        x_error, jacobian_error = unrolling.jacobian_errors(method, f, start, theta, T)
        xs, jacobians = unrolling.unroll(method, f, start, theta, T)
        E = (jacobians - f.jacobian(theta)).reshape(T + 1, -1)
        assert_close(x_error, np.linalg.norm(xs - f.minimizer(theta), axis=1), T, 10)
        assert_close(jacobian_error, np.linalg.norm(E, axis=1), T, 10)


@pytest.mark.parametrize(
    "build, loop, parameters",
    [
        (unrolling.gradient_descent, reference.gradient_descent, (1.5,)),
        (unrolling.momentum, reference.momentum, (1.5, 0.25)),
        (unrolling.nesterov, reference.nesterov, (0.25, 1.0)),
        (unrolling.chebyshev, reference.chebyshev, (0.25, 1.0)),
    ],
)
def test_they_have_twelve_digits_six_decades_down(build, loop, parameters):
    """A rounding error of one step comes back in each later one: 40^2 * EPS = 4e-13 after 40 steps.

    Norms of iterates less the solution would have nine digits there.
    """
    hessian = (np.diag([0.25, 0.5, 1.0]), np.array([[1.0, 0.5, -1.0], [0.5, 0.0, 0.25], [-1.0, 0.25, 0.5]]))
    linear = (np.array([1.0, -2.0, 0.5]), np.array([0.5, 1.0, -1.0]))
    x0 = np.array([4.0, -1.0, 3.0])
    problem = unrolling.Quadratic(lambda t: hessian[0] + t * hessian[1], lambda t: linear[0] + t * linear[1])
    errors = unrolling.jacobian_errors(build(*parameters), problem, x0, 0.0, 40)
    exact = reference.exact_errors(loop, parameters, hessian, linear, x0, 40)
    for error, expected in zip(errors, exact, strict=True):
        assert expected[-1] < 1e-6 * expected[0]
        np.testing.assert_allclose(error, expected, rtol=1e-12)


def eigenvalues(theta):
    """At `THETA` the second and third are equal, though their derivatives are not."""
    return jnp.stack([theta[0] ** 2, theta[1], 1 - theta[1], theta[0] + theta[1]])


THETA = np.array([0.3, 0.5])
COMMUTING = unrolling.Quadratic(
    lambda theta: (ROTATION * eigenvalues(theta)) @ ROTATION.T,
    lambda theta: jnp.array([1.0, -1.0, 2.0, 0.5]) * theta[0] + theta[1] ** 2,
)


def test_master_identity(method):
    """E_t = P_t(H) E_0 + P_t'(H) dH e_0 = (P_t - H P_t')(H) E_0 + P_t'(H) d/dtheta[grad f(x_0(theta), theta)].

    The derivative in the second form is the total one: with the partial one, which forgets that x_0 depends on theta,
    the identity is wrong in its first digit.
    """
    num_steps = 40
    x0 = lambda theta: jnp.array([5.0, 0.0, -1.0, 2.0]) + theta[0] * theta[1]  # noqa: E731
    lam = np.asarray(eigenvalues(THETA))
    P, dP = map(np.asarray, unrolling.residual_polynomials(method, lam, num_steps))
    e_0 = np.asarray(x0(THETA) - COMMUTING.minimizer(THETA))
    E_0 = np.asarray(jax.jacfwd(x0)(THETA) - COMMUTING.jacobian(THETA))
    dH = np.asarray(jax.jacfwd(COMMUTING.hessian)(THETA))
    total = np.asarray(jax.jacfwd(lambda theta: COMMUTING.gradient(x0(theta), theta))(THETA))
    partial = np.asarray(jax.jacfwd(COMMUTING.gradient, 1)(x0(THETA), THETA))

    def applied(polynomial, matrix):
        return np.einsum("ij,tj,kj,km->tim", ROTATION, polynomial, ROTATION, matrix)

    _, jacobians = unrolling.unroll(method, COMMUTING, x0, THETA, num_steps)
    errors = np.asarray(jacobians - COMMUTING.jacobian(THETA))
    assert np.abs(errors - applied(P, E_0) - applied(dP, np.einsum("ijm,j->im", dH, e_0))).max() < 1e-12
    assert np.abs(errors - applied(P - lam * dP, E_0) - applied(dP, total)).max() < 1e-12
    assert np.abs(errors - applied(P - lam * dP, E_0) - applied(dP, partial)).max() > 0.1

    _, jacobian_error = unrolling.jacobian_errors(method, COMMUTING, x0, THETA, num_steps)
    assert np.abs(jacobian_error - np.linalg.norm(errors, axis=(1, 2))).max() < 1e-12


def test_without_commutation_divided_differences_take_the_place_of_the_derivative(method):
    """Daleckii and Krein: in the eigenbasis, d[P(H)]_ij = (P(l_i) - P(l_j)) / (l_i - l_j) dH_ij.

    The gaps between eigenvalues are above 0.1, so that a difference loses at most a digit.
    """
    f, theta, x0 = CASES["quadratic"]
    lam, U = np.linalg.eigh(f.hessian(theta))
    gaps = lam[:, None] - lam + np.eye(3)
    assert np.abs(gaps).min() > 0.1
    P, dP = map(np.asarray, unrolling.residual_polynomials(method, lam, T))
    divided = (P[:, :, None] - P[:, None, :]) / gaps + dP[:, :, None] * np.eye(3)
    dH = np.einsum("ai,abm,bj->ijm", U, jax.jacfwd(f.hessian)(theta), U)
    e_0 = U.T @ (x0(theta) - f.minimizer(theta))
    E_0 = U.T @ (jax.jacfwd(x0)(theta) - f.jacobian(theta))
    errors = P[:, :, None] * E_0 + np.einsum("tij,ijm,j->tim", divided, dH, e_0)
    _, jacobian_error = unrolling.jacobian_errors(method, f, x0, theta, T)
    assert_close(jacobian_error, np.linalg.norm(errors, axis=(1, 2)), T, 10)


def test_a_start_at_the_solution_has_no_curse(method):
    """e_0 = 0, so that E_t = -P_t(H) dx*. |x_t - x*| is rounding: one solve, of condition number 10 or less."""
    f, theta, _ = CASES["ridge, scalar theta"]
    x_star = f.minimizer(theta)
    x_error, jacobian_error = unrolling.jacobian_errors(method, f, x_star, theta, T)
    lam, U = np.linalg.eigh(f.hessian(theta))
    P = unrolling.residual_polynomials(method, lam, T).values
    assert (x_error <= 10 * 3 * EPS * np.linalg.norm(x_star)).all()
    assert_close(jacobian_error, np.linalg.norm(P * (U.T @ f.jacobian(theta)), axis=1), T, 10)


def test_a_start_at_the_moving_solution_stays_there(method):
    """x_0(theta) = x*(theta): both errors are zero, to rounding, at every step."""
    f, theta, _ = CASES["ridge, vector theta"]
    x_error, jacobian_error = unrolling.jacobian_errors(method, f, f.minimizer, theta, T)
    assert (x_error <= 100 * EPS * np.linalg.norm(f.minimizer(theta))).all()
    assert (jacobian_error <= 100 * EPS * np.linalg.norm(f.jacobian(theta))).all()


def test_no_step_has_the_error_of_the_start():
    f, theta, x0 = CASES["quadratic"]
    x_error, jacobian_error = unrolling.jacobian_errors(METHODS["nesterov"], f, x0, theta, 0)
    assert_close(x_error, np.linalg.norm(x0(theta) - f.minimizer(theta))[None], 1, 10)
    assert_close(jacobian_error, np.linalg.norm(jax.jacfwd(x0)(theta) - f.jacobian(theta))[None], 1, 10)


def test_memory_does_not_hold_a_jacobian_for_every_step():
    """The compiled function's scratch memory, for d = k = 50, grows with T by the two numbers a step returns."""
    problem = unrolling.ridge(np.eye(50), np.ones(50))
    method, x0, theta = unrolling.gradient_descent(0.5), np.zeros(50), np.ones(50)

    def scratch(num_steps):
        run = jax.jit(lambda theta: unrolling.jacobian_errors(method, problem, x0, theta, num_steps))
        return run.lower(theta).compile().memory_analysis().temp_size_in_bytes

    assert scratch(1100) - scratch(100) < 50 * 50 * 8


def test_they_work_inside_jit_and_vmap():
    f, theta, x0 = CASES["ridge, vector theta"]
    run = lambda theta: unrolling.jacobian_errors(METHODS["momentum"], f, x0, theta, T)  # noqa: E731
    thetas = np.stack([theta, 2 * theta])
    x_errors, jacobian_errors = jax.jit(jax.vmap(run))(thetas)
    for i in range(2):
        x_error, jacobian_error = run(thetas[i])
        assert_close(x_errors[i], x_error, T, 10)
        assert_close(jacobian_errors[i], jacobian_error, T, 10)


def from_step(step):
    return unrolling.Method(lambda x: x, step, lambda x: x)


RATES = np.array([0.1, 0.3, 0.2])
OTHER_METHODS = {
    "clipped": lambda g, x: x - 0.3 * jnp.clip(g(x), -0.5, 0.5),
    "normalised": lambda g, x: x - 0.01 * g(x) / jnp.linalg.norm(g(x)),
    "projected": lambda g, x: jnp.maximum(x - 0.3 * g(x), 0),
    "another rate for each coordinate": lambda g, x: x - RATES * g(x),
    "centred": lambda g, x: x - 0.3 * (g(x) - g(x).mean(-1, keepdims=True)),
    "averaged with a neighbour": lambda g, x: x - 0.2 * (g(x) + jnp.roll(g(x), 1, -1)),
    "exact line search": lambda g, x: x - (g(x) ** 2).sum() / (g(x) * (g(x + g(x)) - g(x))).sum() * g(x),
    "shrunk": lambda g, x: 0.9 * x - 0.3 * g(x),
    "moved": lambda g, x: x - 0.3 * g(x) + 0.01,
}
SAME_METHODS = {
    "an average": lambda g, x: (x - 0.3 * g(x) + x - 0.1 * g(x - 0.1 * g(x))) / 2,
    "a gradient elsewhere": lambda g, x: x - 0.3 * g(x - 0.2 * g(x)),
}


@pytest.mark.parametrize("name", OTHER_METHODS)
def test_another_kind_of_method_is_refused(name, quadratic):
    f, theta, x0 = quadratic
    with pytest.raises(ValueError, match="^method must combine"):
        unrolling.jacobian_errors(from_step(OTHER_METHODS[name]), f, x0, theta, T)


@pytest.mark.parametrize("name", SAME_METHODS)
def test_a_method_of_ones_own_has_the_errors_of_its_unrolling(name, quadratic):
    f, theta, x0 = quadratic
    method = from_step(SAME_METHODS[name])
    errors = unrolling.jacobian_errors(method, f, x0, theta, T)
    E = (unrolling.unroll(method, f, x0, theta, T).jacobians - f.jacobian(theta)).reshape(T + 1, -1)
    assert_close(errors.jacobian, np.linalg.norm(E, axis=1), T, 100)


@pytest.mark.parametrize("kappa", [0.5, 1e-2, 1e-6, 1e-12])
@pytest.mark.parametrize("num_steps", [1, 2000])
def test_rounding_is_not_taken_for_another_kind_of_method(kappa, num_steps):
    """Also where T steps hardly move the slowest mode, from near, from far, and where a method diverges."""
    rng = np.random.default_rng(4)
    U, _ = np.linalg.qr(rng.standard_normal((20, 20)))
    slope = kappa * rng.standard_normal((20, 20, 2))
    problem = unrolling.Quadratic(
        lambda theta: (U * np.geomspace(kappa, 1, 20)) @ U.T + slope @ theta, lambda theta: theta.sum() * jnp.ones(20)
    )
    speed = (1 - kappa**0.5) / (1 + kappa**0.5)
    methods = [unrolling.gradient_descent(2 / (1 + kappa)), unrolling.momentum((1 + speed) ** 2, speed**2)]
    methods += [unrolling.nesterov(kappa, 1.0), unrolling.chebyshev(kappa, 1.0), unrolling.sobolev(kappa, 1.0)]
    methods += [unrolling.gradient_descent(2.1)]
    for method in methods:
        for x0 in (np.zeros(20), 1e8 * rng.standard_normal(20), problem.minimizer):
            unrolling.jacobian_errors(method, problem, x0, np.zeros(2), num_steps)


def test_they_are_not_for_differentiating():
    """Where eigenvalues meet it would be NaN, and where an error is zero it is not defined."""
    problem, method = unrolling.ridge(np.eye(2), np.ones(2)), METHODS["chebyshev"]
    for mode in (jax.jacfwd, jax.jacrev):
        with pytest.raises(TypeError, match="jacobian_errors cannot be differentiated"):
            mode(lambda theta: unrolling.jacobian_errors(method, problem, np.zeros(2), theta, 2).x)(0.5)


def test_strict_modes_of_jax():
    f, theta, x0 = CASES["quadratic"]
    expected = unrolling.jacobian_errors(METHODS["nesterov"], f, np.ones(3), theta, T)
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"), jax.debug_nans(True):
        problem = unrolling.ridge(np.eye(3), np.ones(3))
        unrolling.jacobian_errors(METHODS["chebyshev"], problem, np.zeros(3), 0.5, T)
        unrolling.gradient_descent_bound(1.0, 0.1, 1.0, T, D=1.0, G=1.0)
        unrolling.chebyshev_bound(0.1, 1.0, T, D=1.0, G=1.0)
    same = unrolling.jacobian_errors(METHODS["nesterov"], f, np.ones(3), theta, T)
    np.testing.assert_array_equal(same, expected)


@pytest.mark.parametrize(
    "errors, expected",
    [
        ([1.0], (0, 1.0, 0)),
        ([2.0, 1.0, 0.5], (0, 1.0, 0)),
        ([1.0, 3.0, 3.0, 2.0, 1.0, 0.5], (1, 3.0, 4)),
        ([0.5, 0.25, 1.0, 0.4, 0.75], (2, 2.0, 5)),
        ([1.0, 1 + 1e-12, 0.5], (0, 1.0, 0)),
        ([1.0, 1 + 1e-7, 0.5], (1, 1 + 1e-7, 2)),
    ],
)
def test_burn_in(errors, expected):
    """Rounding is no rise, of two equal peaks the first counts, and what is not over ends after the last step."""
    assert unrolling.burn_in(errors) == expected


@pytest.mark.parametrize("errors", [[], [0.0, 1.0], [-1.0], [[1.0]], 1.0], ids=str)
def test_what_has_no_burn_in(errors):
    with pytest.raises(ValueError, match="^errors must be a curve"):
        unrolling.burn_in(errors)
