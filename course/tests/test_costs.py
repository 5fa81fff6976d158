"""What the answers to the exercises of remedies/costs must do."""

from math import comb

import jax
import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("costs-exercise-cheapest", points=1)
def test_shown_one_output_and_twenty_parameters(cheapest):
    way = cheapest(100, 20, 1, 1000)
    assert way[1] != 100, "the solver's own T products count too"
    assert tuple(way) == ("reverse", 200), f"reverse mode takes 200 products and keeps 100 vectors; got {way}"


@task("costs-exercise-cheapest", points=2)
def test_the_room_decides(cheapest):
    assert tuple(cheapest(10_000, 160, 1, 1000)) == ("checkpoints", 30_000), "the vectors of reverse mode do not fit"
    assert cheapest(10_000, 160, 1, 100) is None, "where none fits, the answer is None"
    assert tuple(cheapest(400, 2, 1, 50)) == ("forward", 1200), "as many products as with checkpoints, and 3 vectors"
    assert tuple(cheapest(900, 40, 60, 10_000)) == ("forward", 36_900), "with more outputs than parameters, forward"


@task("costs-exercise-bug", points=1)
def test_shown_the_derivative_of_the_loop(in_blocks):
    toy_theta, toy_x0 = jnp.array([0.3, 0.5]), jnp.array([1.0, 2.0])

    def toy_step(x, theta):
        return x - 0.5 * (theta * x - jnp.sin(theta))

    def toy_outer(x, theta):
        return (x**2).sum() + theta[0]

    def toy_loop(theta, x=toy_x0):
        for _ in range(6):
            x = toy_step(x, theta)
        return toy_outer(x, theta)

    toy_exact = jax.grad(toy_loop)(toy_theta)
    toy_g = in_blocks(toy_step, toy_outer, toy_x0, toy_theta, 6, 2)
    assert not np.allclose(toy_g, toy_exact - jnp.array([1.0, 0.0])), "outer depends on theta too"
    assert np.allclose(toy_g, toy_exact, rtol=1e-9), "each block depends on theta: add up what all of them say"


@task("costs-exercise-bug", points=2)
def test_memory_falls(in_blocks):
    x0, theta = jnp.ones(500), jnp.full(500, 0.1)

    def step(x, theta):
        return x - 0.5 * (theta * x - 1)

    def outer(x, theta):
        return x @ x

    def reserved(size):
        run = jax.jit(lambda theta: in_blocks(step, outer, x0, theta, 400, size))
        return run.lower(theta).compile().memory_analysis().temp_size_in_bytes / (8 * 500)

    kept = reserved(20)
    assert kept < 100, f"{kept:.0f} vectors for 20 blocks of 20 steps: all iterates are made before most are dropped"


@task("costs-exercise-schedule", points=1)
def test_shown_nine_steps(fewest_forward_steps):
    assert fewest_forward_steps(9, 0) == 36, "without a place each iterate is made from the beginning"
    s = fewest_forward_steps(9, 2)
    assert s == 13, f"nine steps with two places take 13 forward steps, not {s}"


@task("costs-exercise-schedule", points=2)
@pytest.mark.parametrize("T, c", [(30, 1), (55, 3), (60, 5)])
def test_no_schedule_is_better(fewest_forward_steps, T, c):
    repeats = next(r for r in range(T) if comb(c + 1 + r, r) >= T)
    least = repeats * T - comb(c + 1 + repeats, c + 2)  # Griewank's closed form
    s = fewest_forward_steps(T, c)
    assert s >= least, f"{s} forward steps for T = {T}, c = {c} are too few: the second part has one place less"
    assert s == least, f"{s} forward steps for T = {T}, c = {c} are too many: a better place to keep an iterate exists"


@task("costs-exercise-batches", points=1)
def test_shown_a_cubic(gradient_in_batches):
    five = jnp.arange(5.0)
    toy_g = gradient_in_batches(lambda t: (t**3).sum(), five, 2)
    assert toy_g.shape == (5,), "5 columns in batches of 2: the last, smaller batch is missing"
    assert np.allclose(toy_g, 3 * five**2), f"the gradient of the sum of cubes is 3θ², not {toy_g}"


@task("costs-exercise-batches", points=2)
def test_few_columns_at_a_time(gradient_in_batches):
    theta, start = jnp.linspace(0.1, 0.2, 40), jnp.ones(4000)

    def value(theta):
        def turn(_, x):
            return jnp.cos(x) * jnp.repeat(theta, 100)

        return jax.lax.fori_loop(0, 5, turn, start).sum()

    run = jax.jit(lambda theta: gradient_in_batches(value, theta, 4))
    assert np.allclose(run(theta), jax.grad(value_unrolled)(theta)), "the gradient is another one"
    kept = run.lower(theta).compile().memory_analysis().temp_size_in_bytes / (8 * 4000)
    assert kept < 25, f"{kept:.0f} vectors are kept: the columns are all there at once"


def value_unrolled(theta):
    x = jnp.ones(4000)
    for _ in range(5):
        x = jnp.cos(x) * jnp.repeat(theta, 100)
    return x.sum()
