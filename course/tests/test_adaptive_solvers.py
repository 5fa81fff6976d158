"""What the answers to the graded exercises of practice/adaptive-solvers must do."""

import numpy as np
import pytest

task = pytest.mark.task


@task("adaptive-solvers-exercise-order", points=1)
def test_shown_one_dimension(higher_derivative):
    H, moment, V = np.array([[2.0]]), np.array([3.0]), np.array([[1.0]])
    found = [float(np.ravel(higher_derivative(H, moment, V, k))[0]) for k in (0, 1, 2)]
    assert np.allclose(found[:2], [1.5, -0.75]), f"x = 3/(2 + θ) and its derivative are 1.5 and -0.75, not {found[:2]}"
    assert np.isclose(found[2], 0.75), f"the second derivative of 3/(2 + θ) is 0.75: k! is 2, not 1; got {found[2]}"


rng = np.random.default_rng(0)
root, b = rng.standard_normal((4, 4)), rng.standard_normal(4)
hessian = root @ root.T + np.eye(4)


@task("adaptive-solvers-exercise-order", points=2)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_derivatives_of_the_first_iterate(higher_derivative, k):
    """x_1 = b |b|^2 / (b H b + w |b|^2), by the step of the method."""
    square, curve = b @ b, b @ hessian @ b
    right = b * square * np.prod(-square * np.arange(1.0, k + 1)) / curve ** (k + 1)
    V = b[:, None] / np.linalg.norm(b)
    found = np.asarray(higher_derivative(hessian, b, V, k))
    late = np.prod(-np.arange(1.0, k + 1)) * V @ (V.T @ np.linalg.matrix_power(np.linalg.inv(hessian), k + 1) @ b)
    assert not np.allclose(found, late), "the small matrix VᵀHV is inverted, and not H"
    assert np.allclose(found, right), f"derivative {k} of the first iterate is {right}, not {found}"


@task("adaptive-solvers-exercise-order", points=1)
def test_in_the_whole_space_it_is_the_solution(higher_derivative):
    whole = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    found = np.asarray(higher_derivative(hessian, b, whole, 3))
    right = -6 * np.linalg.matrix_power(np.linalg.inv(hessian), 4) @ b
    assert np.allclose(found, right), f"the third derivative of H⁻¹b is -6 H⁻⁴b, {right}, not {found}"
