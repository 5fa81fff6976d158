"""What the answer to an exercise of applications/dataset-distillation must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("dataset-distillation-exercise-one-step", points=1)
def test_shown_two_images(one_step_student):
    x = one_step_student(np.array([[1.0, 1.0], [1.0, 0.0]]), 0.5)
    assert abs(x[0][0]) < 1e-12, "what is common to all images cancels: it tells no class from another"
    assert abs(x[0][1] - 0.125) < 1e-9, f"the mean is over n = 2 images: h/n · (1 - 1/2) = 0.125, not {x[0][1]}"


@task("dataset-distillation-exercise-one-step", points=2)
@pytest.mark.parametrize("n, h", [(3, 0.3), (5, 1.2)])
def test_a_gradient_step_from_zero(one_step_student, n, h):
    theta = np.random.default_rng(n).standard_normal((n, 4))

    def loss(x):
        return -jnp.diag(jax.nn.log_softmax(theta @ x.T)).mean()

    step = -h * jax.grad(loss)(jnp.zeros((n, 4)))
    assert np.allclose(one_step_student(theta, h), step, rtol=1e-6), f"for {n} classes the step is another one"
