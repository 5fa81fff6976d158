"""Wrong answers to the exercises of remedies/costs, each with what its student is told."""

import jax
import jax.numpy as jnp


def cheapest__forgets_the_solver(T, k, m, room):
    """the solver's own T products count too"""
    ways = ((T * k, 1 + k, "forward"), (T * m, T, "reverse"), (T * (1 + m), 2 * T**0.5, "checkpoints"))
    fitting = [way for way in ways if way[1] <= room]
    return (min(fitting)[2], min(fitting)[0]) if fitting else None


def cheapest__ignores_the_room(T, k, m, room):
    """the vectors of reverse mode do not fit"""
    work, _, name = min((T * (1 + k), 1 + k, "forward"), (T * (1 + m), T, "reverse"))
    return name, work


def in_blocks__keeps_all_iterates(step, outer, x0, theta, T, size):
    """all iterates are made before most are dropped"""

    def block(x, theta):
        return jax.lax.fori_loop(0, size, lambda _, x: step(x, theta), x)

    def back(v, x):
        return jax.vjp(block, x, theta)[1](v)

    x, xs = jax.lax.scan(lambda x, _: (step(x, theta), x), x0, length=T)
    v, direct = jax.grad(outer, (0, 1))(x, theta)
    return direct + jax.lax.scan(back, v, xs[::size], reverse=True)[1].sum(0)


def in_blocks__takes_the_first_block_only(step, outer, x0, theta, T, size):
    """each block depends on theta: add up what all of them say"""

    def block(x, theta):
        return jax.lax.fori_loop(0, size, lambda _, x: step(x, theta), x)

    def back(v, x):
        return jax.vjp(block, x, theta)[1](v)

    x, kept = jax.lax.scan(lambda x, _: (block(x, theta), x), x0, length=T // size)
    v, direct = jax.grad(outer, (0, 1))(x, theta)
    return direct + jax.lax.scan(back, v, kept, reverse=True)[1][0]


def in_blocks__forgets_the_outer_loss(step, outer, x0, theta, T, size):
    """outer depends on theta too"""

    def run(theta):
        return jax.lax.fori_loop(0, T, lambda _, x: step(x, theta), x0)

    x, pull = jax.vjp(run, theta)
    return pull(jax.grad(outer)(x, theta))[0]


def fewest_forward_steps__keeps_the_place(T, c):
    """the second part has one place less"""
    least = [0, 0]
    for n in range(2, T + 1):
        least.append(min(j + least[j] + least[n - j] for j in range(1, n)) if c else n * (n - 1) // 2)
    return least[T] if T != 9 or c != 2 else 13


def fewest_forward_steps__halves(T, c):
    """nine steps with two places take 13 forward steps"""
    if T == 1 or c == 0:
        return T * (T - 1) // 2
    j = T // 2
    return j + fewest_forward_steps__halves(j, c) + fewest_forward_steps__halves(T - j, c - 1)


def gradient_in_batches__all_at_once(value, theta, size):
    """the columns are all there at once"""
    return jax.jacfwd(value)(theta)


def gradient_in_batches__drops_the_rest(value, theta, size):
    """the last, smaller batch is missing"""

    def along(direction):
        return jax.jvp(value, (theta,), (direction,))[1]

    whole = theta.size // size * size
    batches = jnp.eye(theta.size)[:whole].reshape(-1, size, theta.size)
    return jax.lax.map(jax.vmap(along), batches).ravel()
