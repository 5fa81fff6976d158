"""What the answers to the exercises of applications/meta-learning must do."""

import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("meta-learning-exercise-chebyshev", points=1)
def test_shown_two_eigenvalues(first_order_converges):
    toy_H = np.diag([0.1, 1.0])
    assert not first_order_converges(toy_H, 1), "it is the sign of P_T that counts: P_1 is negative at the top"
    assert first_order_converges(toy_H, 2), "P_2 is positive at both ends of the spectrum"


@task("meta-learning-exercise-chebyshev", points=2)
@pytest.mark.parametrize("middle, T", [(0.5, 2), (0.15, 2), (0.9, 4), (0.5, 4)])
def test_as_the_outer_loop_does(first_order_converges, middle, T):
    rng = np.random.default_rng(0)
    U, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    lam, B = np.array([0.1, middle, 1.0]), rng.standard_normal((5, 3))
    P = np.asarray(unrolling.residual_polynomials(unrolling.chebyshev(0.1, 1.0), lam, T).values[T])
    converges = np.linalg.eigvals(B.T @ B @ (U * P) @ U.T).real.min() > 0
    said = first_order_converges(U * lam @ U.T, T)
    where = f"eigenvalues 0.1, {middle} and 1, T = {T}"
    assert said == converges, f"{where}: the parity of T is the rule of gradient descent only; look at P_T in between"


@task("meta-learning-exercise-formula", points=1)
def test_shown_one_unknown(implicit_maml_gradient):
    toy_g = implicit_maml_gradient(np.array([[1.0]]), np.array([2.0]), 1.0, np.array([4.0]), lambda x: x)
    assert toy_g[0] != 2.0, "the gradient at the centre is not that at the solution, which is 3"
    assert toy_g[0] != 3.0, "the Jacobian of the solution is λ (H + λ I)⁻¹: the factor λ, or the inverse, is missing"
    assert abs(toy_g[0] - 1.5) < 1e-9, f"x = (2 + 4)/2 = 3, and the gradient is 3/2, not {toy_g[0]}"


@task("meta-learning-exercise-formula", points=2)
@pytest.mark.parametrize("weight", [0.3, 2.0])
def test_gradient_of_the_solution(implicit_maml_gradient, weight):
    rng = np.random.default_rng(0)
    A, b, theta = rng.standard_normal((6, 4)), rng.standard_normal(4), rng.standard_normal(4)
    H, steps = A.T @ A, 1e-5 * np.eye(4)

    def outer(theta):
        x = np.linalg.solve(H + weight * np.eye(4), b + weight * theta)
        return np.sin(x).sum()

    exact = np.array([outer(theta + e) - outer(theta - e) for e in steps]) / 2e-5
    g = np.asarray(implicit_maml_gradient(H, b, weight, theta, np.cos))
    assert not np.allclose(g * weight, exact), "the factor λ is missing"
    assert np.allclose(g, exact, rtol=1e-5, atol=1e-8), f"differences give {exact}, not {g}: x is the solution, not θ"
