"""Methods and problems that many tests share."""

import os
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

# The same examples in every run. No deadline: the first example of a test compiles.
hypothesis.settings.register_profile("unrolling", derandomize=True, deadline=None, max_examples=40, database=None)
hypothesis.settings.load_profile("unrolling")

RNG = np.random.default_rng(0)
DIAGONAL = np.diag([0.5, 1.0, 2.0])
ONE, OTHER = (np.cov(RNG.standard_normal((3, 9))) for _ in range(2))  # neither commutes with the rest
A, Y = RNG.standard_normal((5, 3)) / 2, RNG.standard_normal(5)
B = RNG.standard_normal((3, 2))
PLANE = RNG.standard_normal((2, 3))


class Case(NamedTuple):
    f: object
    x0: object
    theta: np.ndarray


# For each objective f(x, theta), of curvature between about 0.2 and 5: theta, and x0 as a function of theta.
CASES = {
    "quadratic": (
        unrolling.Quadratic(
            lambda theta: DIAGONAL + theta[0] * ONE + jnp.sin(theta[1]) * OTHER, lambda theta: B @ theta**2 - 1
        ),
        np.array([0.7, 0.4]),
        lambda theta: B @ theta + 1,
    ),
    "ridge, scalar theta": (unrolling.ridge(A, Y), np.array(0.3), lambda theta: jnp.array([1.0, -1.0, 2.0]) * theta),
    "ridge, vector theta": (unrolling.ridge(A, Y), np.array([0.3, 0.5, 0.9]), lambda theta: 1 - theta**2),
    "nonquadratic": (
        lambda x, theta: jnp.logaddexp(0, A @ x - theta[0]).sum() + theta[1] * (x**2).sum() / 2,
        np.array([0.2, 0.6]),
        lambda theta: B @ jnp.cos(theta),
    ),
    "matrix theta": (
        lambda x, theta: jnp.logaddexp(0, theta @ x).sum() + (x**2).sum() / 2,
        PLANE,
        lambda theta: theta[0] * theta[1] + 1,
    ),
    "matrix x": (
        lambda x, theta: jnp.cosh(x - theta).sum() / 4 + ((x @ B) ** 2).sum() / 8,
        np.array([0.1, 0.2, -0.5]),
        lambda theta: PLANE * theta,
    ),
}


METHODS = {
    "gradient descent": unrolling.gradient_descent(0.3),
    "momentum": unrolling.momentum(0.2, 0.4),
    "nesterov": unrolling.nesterov(0.2, 4.0),
    "chebyshev": unrolling.chebyshev(0.2, 4.0),
}


def _case(name, x0_form):
    f, theta, x0 = CASES[name]
    return Case(f, x0 if x0_form == "x0(theta)" else np.asarray(x0(theta)), theta)


X0_FORMS = ("x0 constant", "x0(theta)")


@pytest.fixture(params=X0_FORMS)
def x0_form(request):
    return request.param


@pytest.fixture(params=METHODS)
def method(request):
    return METHODS[request.param]


@pytest.fixture(params=CASES)
def case(request, x0_form):
    """An objective with x0 and theta, with x0 a constant and with x0 a function of theta."""
    return _case(request.param, x0_form)


@pytest.fixture(params=["quadratic", "ridge, scalar theta", "ridge, vector theta"])
def quadratic(request, x0_form):
    return _case(request.param, x0_form)
