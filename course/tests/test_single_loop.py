"""What the answers to the graded exercises of practice/single-loop must do."""

import numpy as np
import pytest

task = pytest.mark.task
rng = np.random.default_rng(0)
roots = rng.standard_normal((2, 5, 3))
C, V = roots.mT @ roots / 5
c, u, theta = rng.standard_normal((3, 3)) - [0, 0, 1]


def exact(theta):
    H = C + np.diag(np.exp(theta))
    x = np.linalg.solve(H, c)
    return -np.exp(theta) * x * np.linalg.solve(H, V @ x - u)


@task("single-loop-exercise-extrapolate", points=1)
def test_shown_one_dimension(penalty_gradient):
    one, zero = np.ones(1), np.zeros(1)
    found = penalty_gradient(np.eye(1), one, np.eye(1), zero, zero, 1e4)
    assert abs(found[0] + 0.125) < 1e-3, f"Φ = ½ (1 + eᶿ)⁻² has the slope -1/8 at zero, not {found[0]:.4g}"


@task("single-loop-exercise-extrapolate", points=2)
@pytest.mark.parametrize("weight", [3.0, 50.0])
def test_slope_of_the_penalized_minimum(penalty_gradient, weight):
    """It is the derivative of the minimum of φ + weight (f - min f)."""

    def least(theta):
        H = C + np.diag(np.exp(theta))
        both = c * weight + u
        return -both @ np.linalg.solve(weight * H + V, both) / 2 + weight * (c @ np.linalg.solve(H, c)) / 2

    right = [(least(theta + e) - least(theta - e)) / 2e-4 for e in 1e-4 * np.eye(3)]
    found = np.asarray(penalty_gradient(C, c, V, u, theta, weight))
    assert np.allclose(found, right, atol=1e-5), f"with the weight {weight:g} it is {np.round(right, 4)}, not {found}"


@task("single-loop-exercise-extrapolate", points=1)
def test_error_falls_like_one_over_the_weight(penalty_gradient):
    found = [np.linalg.norm(penalty_gradient(C, c, V, u, theta, w) - exact(theta)) for w in (1e3, 1e4)]
    assert found[0] < 0.1 * np.linalg.norm(exact(theta)), "with a large weight it must be near the hypergradient"
    assert 8 < found[0] / found[1] < 12, (
        f"ten times the weight is a tenth of the error, not one {found[0] / found[1]:.1f}th"
    )
