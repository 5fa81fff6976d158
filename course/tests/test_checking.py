"""What the answers to the graded exercises of practice/checking must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task
matrix = np.random.default_rng(0).standard_normal((4, 3))
u, q = np.array([1.0, -2.0, 0.5]), np.array([0.3, 1.0, -1.0, 2.0])


@jax.custom_vjp
def careless(x):
    return matrix @ x


careless.defvjp(lambda x: (matrix @ x, None), lambda _, q: (0.5 * matrix.T @ q,))


@task("checking-exercise-dot", points=1)
def test_shown_a_right_rule_passes(dot_test):
    gap = dot_test(
        lambda x: jnp.sin(x[:2]) * x[2], lambda x: jnp.sin(x[:2]) * x[2], jnp.ones(3), jnp.ones(3), jnp.ones(2)
    )
    assert gap < 1e-12, f"forward and reverse mode agree to rounding, not to {gap:.1g}"


@task("checking-exercise-dot", points=2)
def test_half_of_the_gradient_is_seen(dot_test):
    gap = dot_test(lambda x: matrix @ x, careless, np.ones(3), u, q)
    assert gap > 1e-9, "the rule of `reverse` has lost a factor of two, and the test says nothing: use its reverse mode"
    assert abs(gap - 1) < 1e-9, f"⟨Ju, q⟩ is twice ⟨u, Jᵀq⟩ here, so their ratio minus 1 is 1, not {gap:.3g}"


def smooth(theta):
    return np.exp(theta).sum() + theta @ theta


@task("checking-exercise-taylor", points=1)
def test_shown_orders_two_and_one(taylor_order):
    theta, u = np.array([0.3, -0.2]), np.array([1.0, 2.0])
    right = taylor_order(lambda t: np.exp(t).sum(), theta, np.exp(theta), u, 0.01)
    wrong = taylor_order(lambda t: np.exp(t).sum(), theta, 1.1 * np.exp(theta), u, 0.01)
    assert abs(right - 2) < 0.05, f"the gradient is right, and the order 2, not {right:.2f}"
    assert abs(wrong - 1) < 0.2, f"the gradient is a tenth too long, and the order 1, not {wrong:.2f}"


@task("checking-exercise-taylor", points=2)
@pytest.mark.parametrize("step", [0.1, 0.003])
def test_order_at_other_steps(taylor_order, step):
    theta, u = np.array([0.5, 1.0, -1.0]), np.array([1.0, -1.0, 0.5])
    g = np.exp(theta) + 2 * theta
    found = taylor_order(smooth, theta, g, u, step)
    assert np.isfinite(found) and abs(found - 2) < 0.2, (
        f"the order is 2 at any small step, not {found:.2f}: halve it, and take log2"
    )
    cubic = taylor_order(lambda t: (t**3).sum(), 0 * theta, 0 * theta, u, step)
    assert abs(cubic - 3) < 1e-6, f"Φ = Σ θ³ at zero has the order 3, not {cubic:.2f}"


def f(x, theta):
    return ((x - jnp.sin(theta)) ** 2).sum() * (1 + theta[0] ** 2) / 2 + (x**4).sum() / 4


def outer(x, theta):
    return (x**2).sum() + (x * theta).sum() + jnp.exp(theta).sum()


def solved(theta):
    def newton(_, x):
        return x - jnp.linalg.solve(jax.hessian(f)(x, theta), jax.grad(f)(x, theta))

    return jax.lax.fori_loop(0, 20, newton, jnp.zeros(2))


@task("checking-exercise-bug", points=1)
def test_shown_one_dimension(repaired_hypergradient):
    def ridge(x, theta):
        return (theta * x**2).sum() / 2 - x.sum()

    found = repaired_hypergradient(lambda x, theta: (x * theta**2).sum(), ridge, jnp.array([2.0]), jnp.array([0.5]))
    assert abs(found[0] - 1) < 1e-9, f"x* = 1/θ, so Φ = θ and its gradient is 1, not {found[0]:.3g}"


@task("checking-exercise-bug", points=2)
def test_hypergradient_is_that_of_the_exact_solution(repaired_hypergradient):
    theta = jnp.array([0.4, -0.7])
    x, e = jax.jit(solved)(theta), 1e-4 * jnp.eye(2)
    value = jax.jit(lambda theta: outer(solved(theta), theta))
    expected = np.array([(value(theta + d) - value(theta - d)) / 2e-4 for d in e])
    found = np.asarray(repaired_hypergradient(outer, f, x, theta))
    direct = np.asarray(jax.grad(outer, 1)(x, theta))
    assert np.abs(found + direct - expected).max() > 1e-6, "φ contains θ itself, and ∂φ/∂θ is not in the answer"
    assert np.abs(found + 2 * direct - expected).max() > 1e-6, "the direct term is added, not subtracted"
    assert np.abs(found - expected).max() < 1e-6, f"differences say {expected}, not {found}"
