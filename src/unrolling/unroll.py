"""Differentiating through the iterations of a method.

The iterates follow x_t = F_t(x_{t-1}, ..., x_0, theta), and so, by the chain rule, their Jacobians follow

    dx_t = sum_i d_{x_i} F_t dx_i + d_theta F_t.

`unroll` pushes this recurrence forward beside the iterates ("piggyback"; Griewank & Faure, 2003), `hypergradient` pulls
it back, and `jacobian_errors` runs it for the error itself, on a quadratic, in the basis where the Hessian is diagonal.

>>> f = lambda x, theta: (theta * x**2 / 2).sum()
>>> xs, jacobians = unroll(gradient_descent(0.1), f, jnp.ones(1), 0.05, 2)
>>> print(xs.ravel(), jacobians.ravel())
[1.       0.995    0.990025] [ 0.    -0.1   -0.199]
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial

from unrolling.checks import call, finite, finite_steps, function, is_known, real_array, steps
from unrolling.methods import Method, gradient_descent  # noqa: F401  (gradient_descent: the doctest)
from unrolling.problems import Quadratic, check_scalar, gradient_of, indefinite, is_singular, vector


def iterates(method, f, x0, theta, num_steps):
    r"""The iterates :math:`x_0, \dots, x_T`, for T = ``num_steps``; shape (T + 1,) + x0.shape.

    Differentiable in theta, in both modes.

    ``x0`` is an array, or a function of theta; ``f(x, theta)`` is a scalar. Raises TypeError or ValueError for
    arguments of the wrong kind, shape or value, and ValueError where a method that diverges overflows within T steps;
    inside ``jax.jit`` and ``jax.vmap``, where values are not known, that gives infinities and NaN.
    """
    theta, T = real_array("theta", theta), steps("num_steps", num_steps)
    x0 = _start(x0, theta)
    gradient_of(f, x0, theta)
    return finite_steps(iterates=_iterates(_as_argument(method), f, x0, theta, T))[0]


def unroll(method, f, x0, theta, num_steps, start=0):
    r"""The iterates :math:`x_t` and their Jacobians :math:`\partial x_t`, for t = 0, ..., T.

    Shapes (T + 1,) + x0.shape and (T + 1,) + x0.shape + theta.shape. One pass, in forward mode. With ``start`` = K
    only the steps after :math:`x_K` are differentiated, :math:`x_K` being taken for a constant: the Jacobians up to t
    = K are zero (truncated unrolling; Shaban et al., 2019). Raises as `iterates` does, and ValueError unless
    0 <= K <= T.
    """
    theta, T, K = real_array("theta", theta), steps("num_steps", num_steps), steps("start", start)
    if K > T:
        raise ValueError(f"start must be at most num_steps = {T}, got {K}")
    x0, dx0 = _start(x0, theta), _start_jacobian(x0, theta)
    gradient_of(f, x0, theta)
    xs, jacobians = _unroll(_as_argument(method), f, x0, dx0, theta, T, K)
    return finite_steps(iterates=xs, Jacobians=jacobians)


def jacobian_errors(method, problem, x0, theta, num_steps):
    r"""The errors :math:`\|x_t - x_\star\|` and :math:`\|\partial x_t - \partial x_\star\|_F` on a `Quadratic`.

    Both for t = 0, ..., T, shape (T + 1,). With :math:`e = x_t - x_\star` and
    :math:`E = \partial x_t - \partial x_\star`, the gradient is :math:`H e` and its derivative
    :math:`H E + \partial H e`: ``method`` acts on e and on the columns of E as if all were iterates. In the eigenbasis
    of H the products with H are elementwise. Nothing is assumed of :math:`\partial H`; it need not commute with H. As
    errors are carried, not iterates, they stay exact to rounding however small they get, down to 1e-150, where squares
    underflow. Memory does not grow with T times the size of a Jacobian.

    ``method`` must be linear in x and in the gradients, as are all in this library. Raises as `unroll` does, and
    TypeError when ``problem`` is not a `Quadratic`.
    """
    if not isinstance(problem, Quadratic):
        raise TypeError(
            f"problem must be a Quadratic, got {problem!r}; for another f compare unroll with argmin_jacobian"
        )
    theta, T = real_array("theta", theta), steps("num_steps", num_steps)
    x0, dx0 = _start(x0, theta), _start_jacobian(x0, theta)
    H, b = problem.symmetric(theta)
    vector("x0", x0, b.shape)
    eigenvalues, errors = _jacobian_errors(_as_argument(method), problem, H, b, x0, dx0, theta, T)
    if is_known(eigenvalues) and (eigenvalues[0] < 0 or is_singular(eigenvalues)):
        raise indefinite(eigenvalues)
    return finite_steps(errors=errors[0], **{"errors of the Jacobian": errors[1]})


def hypergradient(outer, method, f, x0, theta, num_steps, checkpoint=False):
    r"""The gradient of :math:`\theta \mapsto \mathrm{outer}(x_T(\theta), \theta)` in reverse mode; shape theta.shape.

    ``outer(x, theta)`` is a scalar. All states of the method are kept, or, with ``checkpoint``, about 2 sqrt(T) of
    them, at the price of a second forward pass. Raises as `iterates` does.
    """
    theta, T = real_array("theta", theta), steps("num_steps", num_steps)
    start = _start(x0, theta)
    gradient_of(f, start, theta)
    check_scalar("outer", outer, start, theta)
    if not isinstance(checkpoint, (bool, np.bool_)):
        raise TypeError(f"checkpoint must be True or False, got {checkpoint!r}")
    x0 = Partial(x0) if callable(x0) else Partial(_constant, start)
    gradient = _hypergradient(outer, _as_argument(method), f, x0, theta, T, bool(checkpoint))
    return finite("outer", gradient, f"gradient at the iterate {T}")


def _as_argument(method):
    """``method`` as a pytree, so that it can be passed to a compiled function whatever its functions are."""
    if not isinstance(method, Method):
        raise TypeError(f"method must be a Method, got {method!r}")
    parts = {f"method.{name}": part for name, part in method._asdict().items()}
    return Method(*(p if isinstance(p, Partial) else Partial(function(name, p)) for name, p in parts.items()))


def _first_state(method, gradient, x0):
    """``method.init(x0)``; its other states must have the same form, and its iterates that of x0."""
    state = method.init(x0)
    forms = jax.eval_shape(lambda state: (state, method.step(gradient, state), method.iterate(state)), state)
    first, second, x = jax.tree.map(lambda leaf: f"{leaf.dtype}{list(leaf.shape)}", forms)
    if first != second:
        raise TypeError(f"method.step must return a state of the form {first}, as method.init does, got {second}")
    if x != (expected := f"{x0.dtype}{list(x0.shape)}"):
        raise TypeError(f"method.iterate must return an array of the form {expected}, as x0, got {x}")
    return state


def _start(x0, theta):
    return real_array("x0", call("x0", function("x0", x0), theta) if callable(x0) else x0)


def _start_jacobian(x0, theta):
    if not callable(x0):
        return jnp.zeros(_start(x0, theta).shape + theta.shape)
    return finite("x0", jax.jacfwd(partial(_start, x0))(theta), "Jacobian")


def _constant(x0, theta):
    return x0


def _step(method, gradient, theta, state):
    return method.step(lambda x: gradient(x, theta), state)


def _turn(method, gradient, theta, state, _):
    return _step(method, gradient, theta, state), method.iterate(state)


@partial(jax.jit, static_argnums=(1, 4))
def _iterates(method, f, x0, theta, num_steps):
    gradient = gradient_of(f, x0, theta)

    # Every turn hands out x_t, then steps: one step too many, in exchange for never copying the whole trajectory.
    start = _first_state(method, lambda x: gradient(x, theta), x0)
    return jax.lax.scan(partial(_turn, method, gradient, theta), start, length=num_steps + 1)[1]


@partial(jax.jit, static_argnums=(1, 5, 6))
def _unroll(method, f, x0, dx0, theta, num_steps, start):
    gradient = gradient_of(f, x0, theta)
    basis = jnp.eye(theta.size).reshape(theta.shape + theta.shape)

    def differentiated(carry, _):
        state, dstate = carry
        next_carry = _push(partial(_step, method, gradient), (theta, state), (basis, dstate), theta.ndim)
        x, dx = _push(method.iterate, (state,), (dstate,), theta.ndim)
        return next_carry, (x, _theta_last(dx, theta))

    state = _first_state(method, lambda x: gradient(x, theta), x0)
    state, early = jax.lax.scan(partial(_turn, method, gradient, theta), state, length=start)
    if start == 0:
        _, dstate = _push(method.init, (x0,), (_theta_first(dx0, theta),), theta.ndim)
    else:
        dstate = jax.tree.map(lambda leaf: jnp.zeros(theta.shape + leaf.shape), state)
    _, (xs, jacobians) = jax.lax.scan(differentiated, (state, dstate), length=num_steps - start + 1)
    if start == 0:
        return xs, jacobians
    zeros = jnp.zeros((start,) + jacobians.shape[1:])
    return jnp.concatenate([early, xs]), jnp.concatenate([zeros, jacobians])


def _push(function, primals, tangents, ndim):
    """The value of ``function`` and its derivatives along all tangents, which are stacked on their first ndim axes."""

    def push(tangents):
        return jax.jvp(function, primals, tangents)

    for _ in range(ndim):
        push = jax.vmap(push, out_axes=(None, 0))
    return push(tangents)


def _theta_first(jacobian, theta):
    return jnp.moveaxis(jacobian, range(-theta.ndim, 0), range(theta.ndim))


def _theta_last(tangents, theta):
    return jnp.moveaxis(tangents, range(theta.ndim), range(-theta.ndim, 0))


@partial(jax.jit, static_argnums=(1, 7))
def _jacobian_errors(method, problem, H, b, x0, dx0, theta, num_steps):
    U, lam = jax.lax.linalg.eigh(H, symmetrize_input=False)
    derivative = problem.rotated_derivative(theta, U)
    rows = (theta.size, lam.size)

    x_star = -(b @ U) / lam
    d_linear = _theta_first(jax.jacfwd(problem.linear)(theta), theta).reshape(rows)
    dx_star = -(derivative(x_star).reshape(rows) + d_linear @ U) / lam
    e = x0 @ U - x_star
    E = _theta_first(dx0, theta).reshape(rows) @ U - dx_star

    def gradient(eE):
        return (lam * eE).at[1:].add(derivative(eE[0]).reshape(rows))

    def body(state, _):
        squares = (method.iterate(state) ** 2).sum(1)
        return method.step(gradient, state), (squares[0], squares[1:].sum())

    state = _first_state(method, gradient, jnp.vstack([e, E]))
    _, (x_error, jacobian_error) = jax.lax.scan(body, state, length=num_steps + 1)
    return lam, (jnp.sqrt(x_error), jnp.sqrt(jacobian_error))


@partial(jax.jit, static_argnums=(0, 2, 5, 6))
def _hypergradient(outer, method, f, x0, theta, num_steps, checkpoint):
    block = math.isqrt(num_steps) if checkpoint else 0

    def loss(theta):
        start = _start(x0, theta)
        gradient = gradient_of(f, start, theta)
        step = partial(_step, method, gradient, theta)

        def body(state, _):
            return step(state), None

        @jax.checkpoint
        def block_of_steps(state, _):
            return jax.lax.scan(body, state, length=block)

        state, done = _first_state(method, lambda x: gradient(x, theta), start), 0
        if block:
            state, _ = jax.lax.scan(block_of_steps, state, length=num_steps // block)
            done = num_steps // block * block
        state, _ = jax.lax.scan(body, state, length=num_steps - done)
        return outer(method.iterate(state), theta)

    return jax.grad(loss)(theta)
