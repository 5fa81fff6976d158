"""Methods and problems that many tests share."""

from collections.abc import Callable
from typing import NamedTuple

import hypothesis
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
    """An objective f(x, theta) of curvature between about 0.2 and 5, theta, and x0 as a function of theta."""

    f: Callable
    theta: np.ndarray
    x0: Callable


CASES = {
    "quadratic": Case(
        unrolling.Quadratic(
            lambda theta: DIAGONAL + theta[0] * ONE + jnp.sin(theta[1]) * OTHER, lambda theta: B @ theta**2 - 1
        ),
        np.array([0.7, 0.4]),
        lambda theta: B @ theta + 1,
    ),
    "ridge, scalar theta": Case(
        unrolling.ridge(A, Y), np.array(0.3), lambda theta: jnp.array([1.0, -1.0, 2.0]) * theta
    ),
    "ridge, vector theta": Case(unrolling.ridge(A, Y), np.array([0.3, 0.5, 0.9]), lambda theta: 1 - theta**2),
    "nonquadratic": Case(
        lambda x, theta: jnp.logaddexp(0, A @ x - theta[0]).sum() + theta[1] * (x**2).sum() / 2,
        np.array([0.2, 0.6]),
        lambda theta: B @ jnp.cos(theta),
    ),
    "matrix theta": Case(
        lambda x, theta: jnp.logaddexp(0, theta @ x).sum() + (x**2).sum() / 2,
        PLANE,
        lambda theta: theta[0] * theta[1] + 1,
    ),
    "matrix x": Case(
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
    "sobolev": unrolling.sobolev(0.2, 4.0),
    "join": unrolling.join(unrolling.gradient_descent(0.25), unrolling.chebyshev(0.2, 4.0), 2),
}


@pytest.fixture(params=METHODS)
def method(request):
    return METHODS[request.param]


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture(params=[name for name, case in CASES.items() if isinstance(case.f, unrolling.Quadratic)])
def quadratic(request):
    return CASES[request.param]
