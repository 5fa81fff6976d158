"""What the answers to the exercises of foundations/implicit-functions must do."""

import jax
import numpy as np
import pytest

task = pytest.mark.task


@task("implicit-functions-exercise-kepler", points=1)
def test_shown_one_time(kepler_slope):
    slope = kepler_slope(1.0, 0.6)
    assert abs(slope - 0.9829) < 1e-4, f"at θ = 1 and e = 0.6 the slope is 0.9829, not {slope:.4f}"


@task("implicit-functions-exercise-kepler", points=2)
@pytest.mark.parametrize("e", [0.1, 0.9])
def test_slope_is_that_of_the_inverse(kepler_slope, e):
    for x in (0.2, 1.5, 3.0, 5.5):
        theta = x - e * np.sin(x)  # the time is a formula of the angle
        speed = (2e-6 - e * (np.sin(x + 1e-6) - np.sin(x - 1e-6))) / 2e-6
        slope = kepler_slope(theta, e)
        right = abs(slope * speed - 1) < 1e-8
        assert right or abs(slope - speed) > 1e-8, "that is dθ/dx, the slope of the inverse function"
        at_the_time = 1 / (1 - e * np.cos(theta))
        assert right or abs(slope - at_the_time) > 1e-8, (
            "cos is taken of the angle x that solves the equation, not of θ"
        )
        assert right, f"at the angle {x} for e = {e} the slope is {1 / speed:.4f}, not {slope:.4f}"


@task("implicit-functions-exercise-df", points=1)
def test_shown_two_features(degrees_of_freedom):
    A = np.array([[1.0, 0.0], [0.0, 3.0]])
    degrees = degrees_of_freedom(A, 1.0)
    assert abs(degrees - 1.4) < 1e-9, f"AᵀA has the eigenvalues 1 and 9, so it is 1/2 + 9/10, not {degrees:.4f}"


@task("implicit-functions-exercise-df", points=2)
@pytest.mark.parametrize("shape", [(8, 3), (3, 8)])
def test_degrees_are_the_trace(degrees_of_freedom, shape):
    A = np.random.default_rng(0).normal(size=shape)
    for theta in (0.1, 5.0):
        inverse = np.linalg.inv(A.T @ A + theta * np.eye(shape[1]))
        degrees, trace = degrees_of_freedom(A, theta), np.trace(A @ inverse @ A.T)
        assert abs(degrees - np.trace(inverse)) > 1e-6, "the fitted values are A x⋆, not x⋆"
        assert abs(degrees - trace) < 1e-9 * max(trace, 1), f"the trace is {trace:.4f}, not {degrees:.4f}"


@task("implicit-functions-exercise-lasso", points=1)
def test_shown_on_both_sides_of_the_kink(soft_threshold):
    x = [float(soft_threshold(1.0, theta)) for theta in (0.3, 1.0, 1.7)]
    assert np.allclose(x, [0.7, 0.0, 0.0], rtol=0, atol=1e-9), f"for y = 1 it is 0.7, 0, 0, not {x}"


@task("implicit-functions-exercise-lasso", points=2)
def test_nothing_near_is_better(soft_threshold):
    for y in (2.0, 0.3, -0.4, -3.0):
        for theta in (0.0, 0.5, 1.0):
            x = float(soft_threshold(y, theta))
            near = x + np.linspace(-4, 4, 801)
            value, values = ((it - y) ** 2 / 2 + theta * abs(it) for it in (x, near))
            sign = " (y may be negative)" if y < 0 else ""
            assert value <= values.min() + 1e-12, f"for y = {y}, θ = {theta}, x = {x:.3f} is no minimizer{sign}"


@task("implicit-functions-exercise-lasso", points=1)
def test_jax_can_differentiate_it(soft_threshold):
    slope = float(jax.grad(soft_threshold, 1)(-2.0, 0.5))
    assert abs(slope - 1) < 1e-12, f"for y = -2 the minimizer -2 + θ has the slope 1, not {slope}"
