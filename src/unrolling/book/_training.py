"""The outer loop of two nested problems."""

from functools import partial

import jax
import optax


def outer_loop(hypergradient, theta, optimizer, num_updates):
    """Move theta along its hypergradients, by an optimizer of optax.

    Parameters
    ----------
    hypergradient
        A function of theta that gives the gradient there. It is called once for each update, in their order, and may
        keep what it likes from one call to the next.
    theta
        The start, an array or a pytree of arrays.
    optimizer
        The optimizer, such as ``optax.adam(0.1)``. Given again, it is not compiled again.
    num_updates
        How many updates there are.

    Returns
    -------
    list
        theta before, between and after the updates.

    Examples
    --------
    >>> print(*outer_loop(lambda theta: 2 * theta, 1.0, optax.sgd(0.25), 2))
    1.0 0.5 0.25
    """
    state, visited = optimizer.init(theta), [theta]
    for _ in range(num_updates):
        theta, state = _updated(optimizer, hypergradient(theta), state, theta)
        visited.append(theta)
    return visited


@partial(jax.jit, static_argnums=0)
def _updated(optimizer, gradient, state, theta):
    update, state = optimizer.update(gradient, state, theta)
    return optax.apply_updates(theta, update), state
