"""What the answers to the graded exercises of practice/symptoms must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("symptoms-exercise-where", points=1)
def test_shown_no_nan(guarded_entropy):
    slope = jax.grad(guarded_entropy)(0.0)
    assert np.isfinite(slope), f"the derivative at zero is {slope}: both branches of a where are differentiated"
    assert abs(guarded_entropy(0.5) + 0.5 * np.log(2)) < 1e-12, "½ log ½ is wrong"


@task("symptoms-exercise-where", points=2)
def test_values_and_derivatives(guarded_entropy):
    x = jnp.array([0.0, 1e-8, 1e-4, 0.3, 1.0, 2.5])
    values, slopes = guarded_entropy(x), jax.jit(jax.vmap(jax.grad(guarded_entropy)))(x)
    assert values[0] == 0, f"at zero the value is 0, not {values[0]}"
    assert np.allclose(values[1:], x[1:] * np.log(x[1:]), rtol=1e-9, atol=0), "the values for x > 0 have changed"
    assert np.all(np.isfinite(slopes)), "both branches of a where are differentiated: guard the argument"
    assert np.allclose(slopes[1:], np.log(x[1:]) + 1, rtol=1e-6), "for x > 0 the derivative is log x + 1"


starts = np.linspace(0.12, 0.33, 5)


@task("symptoms-exercise-lyapunov", points=1)
def test_shown_chaos_at_3_9(logistic_map):
    rate, exponent = logistic_map(3.9, 500, np.array([0.1, 0.2]))
    assert np.all(np.abs(np.asarray(exponent) - 0.5) < 0.1), f"the exponent at 3.9 is about 0.5, not {exponent}"
    assert np.all(np.abs(np.asarray(rate) - exponent) < 0.1), (
        f"the derivative grows at the exponent's rate, not at {rate}"
    )


@task("symptoms-exercise-lyapunov", points=2)
@pytest.mark.parametrize("theta, expected", [(2.5, np.log(0.5)), (4.0, np.log(2.0))])
def test_exponents_that_are_known(logistic_map, theta, expected):
    rate, exponent = map(np.asarray, logistic_map(theta, 1000, starts))
    assert exponent.shape == starts.shape, f"one exponent for each start, not the shape {exponent.shape}"
    assert np.all(np.isfinite(rate)), "∂x does not stay zero: the map depends on θ directly, with the slope x(1 - x)"
    assert np.all(np.abs(exponent - expected) < 0.06), (
        f"at {theta} the exponent is {expected:.2f}, a mean of logarithms of the slopes, not {exponent.mean():.2f}"
    )
    growth = max(expected, 0.0)
    assert np.all(np.abs(rate - growth) < 0.06), f"∂x grows at the rate {growth:.2f} there, not {rate.mean():.2f}"


matrix = np.random.default_rng(0).standard_normal((3, 3)) + 2 * np.eye(3)
feed = np.random.default_rng(1).standard_normal((3, 2))


@task("symptoms-exercise-bug", points=1)
def test_shown_a_rotation(repaired_pull_back):
    turn = jnp.array([[0.0, -1.0], [1.0, 0.0]])
    g = repaired_pull_back(lambda z, theta: turn @ z - theta, jnp.zeros(2), jnp.zeros(2), jnp.array([1.0, 0.0]))
    assert np.allclose(g, [0, 1]), f"z = (θ₂, -θ₁), and the gradient of its first entry is (0, 1), not {g}"


@task("symptoms-exercise-bug", points=2)
def test_gradient_of_a_linear_equation(repaired_pull_back):
    theta, g = np.array([0.3, -1.0]), np.array([1.0, 2.0, -0.5])
    z = np.linalg.solve(matrix, feed @ theta)
    found = np.asarray(repaired_pull_back(lambda z, theta: matrix @ z - feed @ theta, z, theta, g))
    right = feed.T @ np.linalg.solve(matrix.T, g)
    assert not np.allclose(found, feed.T @ np.linalg.solve(matrix, g)), "backward the system is the transposed one"
    assert not np.allclose(found, -right), "the sign is wrong"
    assert np.allclose(found, right), f"the gradient is {right}, not {found}"
