"""Reverse mode against the unrolled Jacobian of forward mode."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from conftest import CASES, METHODS
from reference import assert_close

import unrolling

T = 7
WIDTH = 10


def outer(x, theta):
    return jnp.sin(x).sum() * (1 + (theta**2).sum())


def chain_rule(xs, jacobians, theta, t):
    """dx_t^T d_x outer + d_theta outer."""
    x = np.asarray(xs[t])
    through_x = np.tensordot(np.cos(x) * (1 + (theta**2).sum()), jacobians[t], x.ndim)
    return through_x + np.sin(x).sum() * 2 * theta


@pytest.mark.parametrize(
    "checkpoint, steps", [(False, (0, T)), (True, (0, 1, 4, T))], ids=["every state", "checkpoint"]
)
def test_it_is_the_outer_gradient_times_the_jacobian(checkpoint, steps):
    """Checkpoints come in blocks of isqrt(T): T = 4 is a square, and after 7 steps one is left over."""
    f, theta, x0 = CASES["nonquadratic"]
    method = METHODS["chebyshev"]
    xs, jacobians = unrolling.unroll(method, f, x0, theta, T)
    for t in steps:
        gradient = unrolling.hypergradient(outer, method, f, x0, theta, t, checkpoint=checkpoint)
        assert_close(gradient, chain_rule(xs, jacobians, theta, t), T, WIDTH)


def test_for_every_method_from_a_constant_start(method):
    f, theta, x0 = CASES["matrix theta"]
    x0 = np.asarray(x0(theta))
    gradient = unrolling.hypergradient(outer, method, f, x0, theta, T)
    assert_close(gradient, chain_rule(*unrolling.unroll(method, f, x0, theta, T), theta, T), T, WIDTH)


@pytest.mark.parametrize("name", ["quadratic", "ridge, vector theta", "matrix x"])
def test_for_other_problems(name):
    f, theta, x0 = CASES[name]
    method = METHODS["momentum"]
    gradient = unrolling.hypergradient(outer, method, f, x0, theta, T, checkpoint=True)
    assert_close(gradient, chain_rule(*unrolling.unroll(method, f, x0, theta, T), theta, T), T, WIDTH)


def test_checkpoints_save_memory():
    """10_000 states against 2 * 100: a factor of 50, of which we ask 10."""
    problem = unrolling.ridge(np.eye(20), np.ones(20))

    def scratch(checkpoint):
        run = lambda theta: unrolling.hypergradient(  # noqa: E731
            lambda x, theta: x.sum(),
            METHODS["gradient descent"],
            problem,
            np.zeros(20),
            theta,
            10_000,
            checkpoint=checkpoint,
        )
        return jax.jit(run).lower(1.0).compile().memory_analysis().temp_size_in_bytes

    assert scratch(True) * 10 < scratch(False)


def test_unless_asked_it_makes_no_checkpoints():
    def program(**options):
        run = lambda theta: unrolling.hypergradient(  # noqa: E731
            lambda x, theta: x.sum(),
            unrolling.gradient_descent(0.3),
            unrolling.ridge(np.eye(2), np.ones(2)),
            np.zeros(2),
            theta,
            9,
            **options,
        )
        return str(jax.make_jaxpr(run)(1.0))

    assert program() == program(checkpoint=False) != program(checkpoint=True)
