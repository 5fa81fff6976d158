"""What the two functions of the project must do, on other problems than the pairs have."""

import os

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task
SEED = int(os.environ.get("COURSE_SEED", 0))


class Instance:
    """A quadratic whose parameter weighs the largest of nine curvatures, and an outer objective with its own theta."""

    def __init__(self, number):
        rng = np.random.default_rng([SEED, number])
        self.lam = np.geomspace(0.01, 1, 9)
        self.solution = np.append(rng.uniform(0.05, 0.1, 8), 0.5)
        self.target, self.theta, self.x0 = rng.standard_normal(9), 1.0, np.zeros(9)
        self.target[-1] = self.solution[-1] + 1  # the outer gradient along the mode that overshoots
        self.quadratic = unrolling.Quadratic(
            lambda theta: jnp.diag(jnp.asarray(self.lam).at[-1].set(theta)),
            lambda theta: -jnp.asarray(self.lam * self.solution),
        )

    def inner(self, x, theta):
        return jnp.sum(jnp.asarray(self.lam).at[-1].set(theta) * x**2) / 2 - jnp.sum(self.lam * self.solution * x)

    def outer(self, x, theta):
        return jnp.sum((x - self.target) ** 2) / 2 + 0.1 * theta**2

    @property
    def exact(self):
        return float((self.solution - self.target) @ self.quadratic.jacobian(1.0) + 0.2)


@task("project-functions", points=8)
def test_shown_one_for_each_number_of_steps(unrolled_hypergradients):
    found = unrolled_hypergradients(
        lambda x, theta: jnp.sum((x - theta) ** 2) / 2, lambda x, theta: jnp.sum(x) * 1.0, jnp.zeros(1), 1.0, 0.5, 2
    )
    assert np.shape(found) == (3,), f"one for each of t = 0, 1, 2; got the shape {np.shape(found)}"
    assert np.allclose(found, [0, 0.5, 0.75]), f"x₁ = θ/2 and x₂ = 3θ/4, so [0, 0.5, 0.75]; got {np.asarray(found)}"


@task("project-functions", points=4)
def test_the_whole_of_the_outer_objective(unrolled_hypergradients):
    it = Instance(1)
    true = [unrolling.hypergradient(it.outer, unrolling.gradient_descent(1.9), it.inner, it.x0, 1.0, T) for T in (0, 7)]
    found = np.asarray(unrolled_hypergradients(it.inner, it.outer, it.x0, 1.0, 1.9, 7))[[0, 7]]
    assert abs(found[0] - true[0]) < 1e-9, (
        f"after no step {true[0]:.3f} is left, as θ stands in the outer objective too"
    )
    assert abs(found[1] / true[1] - 1) < 1e-9, f"after 7 steps it is {true[1]:.4f}, not {found[1]:.4f}"


@task("project-functions", points=8)
def test_the_cure(cured):
    it = Instance(2)
    method = unrolling.gradient_descent(2 / 1.01)
    unrolled = [float(unrolling.hypergradient(it.outer, method, it.inner, it.x0, 1.0, T)) / it.exact for T in (25, 26)]
    assert min(unrolled) < 0, "the instance has no wrong sign"
    for T in (25, 26, 40):
        found = float(cured(it.inner, it.outer, it.x0, 1.0, 0.01, 1.0, T)) / it.exact
        assert found > 0, f"T = {T}: the sign is still wrong"
        assert abs(found - 1) < 0.2, f"T = {T}: {found:.2f} of the exact one; within a fifth is asked for"
