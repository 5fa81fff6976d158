"""What the answer to an exercise of remedies/how-to-choose must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("how-to-choose-exercise-own", points=1)
def test_shown_a_solution_that_is_known(own_hypergradient):
    toy_theta = jnp.array([0.1, 0.2, 0.4])

    def toy_f(x, theta):
        return (jnp.exp(theta) * x**2).sum() / 2 - x.sum()

    def toy_outer(x, theta):
        return (x**2).sum() + theta.sum()

    toy_g = own_hypergradient(toy_outer, toy_f, jnp.exp(-toy_theta), toy_theta, 10)
    toy_exact = 1 - 2 * jnp.exp(-2 * toy_theta)  # as the minimizer is exp(-theta)
    assert not np.allclose(toy_g, toy_exact - 1), "outer depends on theta itself, too"
    assert not np.allclose(toy_g, 2 - toy_exact), "the part through the solution has the other sign"
    assert np.allclose(toy_g, toy_exact, rtol=1e-9), f"the gradient is {toy_exact}, not {toy_g}"


@task("how-to-choose-exercise-own", points=2)
@pytest.mark.parametrize("num_products", [2, 4])
def test_as_many_products_as_allowed(own_hypergradient, num_products):
    rng = np.random.default_rng(0)
    A, y, x, theta = rng.standard_normal((8, 6)), rng.standard_normal(8), rng.standard_normal(6), np.full(6, 0.5)

    def f(x, theta):
        return ((A @ x - y) ** 2).sum() / 2 + (theta * x**4).sum() / 4 + (x**2).sum()

    def outer(x, theta):
        return jnp.sin(x).sum() * theta.sum()

    cg = unrolling.conjugate_gradients(0.0, num_products)
    expected = unrolling.implicit_hypergradient(outer, f, x, theta, solve=cg)
    g = own_hypergradient(outer, f, x, theta, num_products)
    assert np.allclose(g, expected, rtol=1e-6), f"not what {num_products} steps of conjugate gradients from zero give"


@task("how-to-choose-exercise-own", points=1)
def test_nothing_is_formed(own_hypergradient):
    x, theta = jnp.ones(1000), jnp.full(1000, 0.1)

    def f(x, theta):
        return jnp.logaddexp(0.0, x).sum() + (theta * x**2).sum()

    def outer(x, theta):
        return x @ x

    run = jax.jit(lambda x, theta: own_hypergradient(outer, f, x, theta, 5))
    kept = run.lower(x, theta).compile().memory_analysis().temp_size_in_bytes / (8 * 1000)
    assert kept < 100, f"it reserves {kept:.0f} vectors of length d = 1000: a matrix is formed"
