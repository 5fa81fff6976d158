"""The errors of the iterates and of their Jacobians on a quadratic, and how long their burn-in lasts."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from unrolling._checks import array, finite_steps, is_known, whole
from unrolling._programs import compiled, read
from unrolling._unroll import NOT_LINEAR, read_linear_method, read_start
from unrolling.methods import Method, first_state
from unrolling.problems import Quadratic, fitting


class JacobianErrors(NamedTuple):
    """The errors of x_t and of its Jacobian, for t = 0, ..., T."""

    x: Float[Array, " steps"]
    jacobian: Float[Array, " steps"]


def jacobian_errors(
    method: Method, problem: Quadratic, x0: ArrayLike | Callable, theta: ArrayLike, num_steps: int
) -> JacobianErrors:
    r"""The errors :math:`\|x_t - x_\star\|` and :math:`\|\partial x_t - \partial x_\star\|_F`, for t = 0, ..., T.

    With :math:`e = x_t - x_\star` and :math:`E = \partial x_t - \partial x_\star`, the gradient is :math:`H e` and its
    derivative :math:`H E + \partial H e`: ``method`` acts on e and on the columns of E as if all were iterates. In the
    eigenbasis of H the products with H are elementwise. Nothing is assumed of :math:`\partial H`; it need not commute
    with H. As errors are carried, not iterates, they stay exact to rounding however small they get, down to 1e-150,
    where squares underflow. Memory does not grow with T times the size of a Jacobian.

    Parameters
    ----------
    method
        A method whose iterates and gradients are combined linearly, with coefficients that depend on t only, as are all
        in this library. It is tried beside the computation on a reflected and stretched copy of e and of one column of
        E, which must stay one.
    problem
        A `Quadratic`.
    x0
        The start, of shape (d,), or a function of theta that gives one.
    theta
        The parameters, an array.
    num_steps
        T, at least 0.

    Returns
    -------
    JacobianErrors
        ``x`` and ``jacobian``, each of shape (T + 1,). Not for differentiating: a norm has a kink where it is zero, and
        eigenvectors have no derivative where eigenvalues meet.

    Raises
    ------
    TypeError, ValueError
        As `unroll` does; TypeError for a ``problem`` that is no `Quadratic`, and where the errors are differentiated;
        ValueError where H is not positive definite, and for another ``method`` than said. What needs values is not
        checked inside JAX's transformations.

    Examples
    --------
    >>> problem = Quadratic(lambda theta: jnp.diag(theta * jnp.array([1.0, 10.0])), lambda theta: -jnp.ones(2))
    >>> errors = jacobian_errors(unrolling.gradient_descent(1.0), problem, jnp.zeros(2), 0.1, 200)
    >>> print(f"{errors.jacobian[0]:.1f} {errors.jacobian[50]:.1f} {errors.jacobian[200]:.1e}")
    100.5 3.4 1.6e-06
    """
    if not isinstance(problem, Quadratic):
        raise TypeError(
            f"problem must be a Quadratic, got {problem!r}; for another f compare unroll with argmin_jacobian"
        )
    theta, T = array("theta", theta), whole("num_steps", num_steps)
    start, _ = read_start(x0, theta)
    model = read("hessian and linear", problem._model, theta)
    lam, runs, copy = _in_eigenbasis(model, problem._derivative(model), start, theta)
    problem._check_definite(theta, lam)
    methods = tuple(read_linear_method(method, *run) for run in runs)
    results, differences = _norms(methods, runs, copy, num_steps=T)
    finite_steps(results)
    allowed = 1e-11 * np.arange(1, T + 2) ** 2  # rounding in each of t steps, carried on by a growth like t at most
    if is_known(differences) and not (differences <= allowed).all():
        raise ValueError(
            f"{NOT_LINEAR} at t = {np.argmax(~(differences <= allowed))}; compare unroll with problem.jacobian"
        )
    return JacobianErrors(*map(_not_for_differentiating, results))


class BurnIn(NamedTuple):
    """The peak of a curve of errors: where it is, how high over the start, and where the curve is below its start."""

    peak: int
    height: float
    end: int


def burn_in(errors: ArrayLike) -> BurnIn:
    """How long and how high a curve of errors stands above its start.

    Values that differ by less than a billionth are taken for equal: that is more than rounding.

    Parameters
    ----------
    errors
        Errors for t = 0, ..., T, of shape (T + 1,), the first of them positive.

    Returns
    -------
    BurnIn
        ``peak``, the first t where the error is largest; ``height``, that error over the first; ``end``, the first t
        from which on no error is above the first: 0 if none is, and T + 1 if the last one still is.

    Raises
    ------
    TypeError, ValueError
        For other arguments.

    Examples
    --------
    >>> print(burn_in(jnp.array([1.0, 3.0, 2.0, 0.5])))
    BurnIn(peak=1, height=3.0, end=3)
    """
    errors = np.asarray(array("errors", errors))
    if errors.ndim != 1 or not errors.size or errors[0] <= 0:
        raise ValueError(f"errors must be a curve of shape (T + 1,) that starts above 0, got {errors}")
    errors = errors / errors[0]
    peak = int(np.argmax(errors >= (1 - 1e-9) * errors.max()))
    above = np.flatnonzero(errors > 1 + 1e-9)
    return BurnIn(peak, float(errors[peak]), int(above[-1]) + 1 if above.size else 0)


@jax.custom_jvp
def _not_for_differentiating(errors):
    return errors


@_not_for_differentiating.defjvp
def _refuse(primals, tangents):
    raise TypeError(
        "jacobian_errors cannot be differentiated: a norm has a kink at zero, and eigenvectors have no derivative "
        "where eigenvalues meet; differentiate what unroll returns"
    )


class _Copy(NamedTuple):
    """How some rows of the errors were copied: stretched, reflected across a unit vector u, and shifted.

    The last row of a copy is u itself, which no other row acts on: its size tells how rounding grows.
    """

    picked: jax.Array
    u: jax.Array
    stretch: jax.Array
    shift: jax.Array
    floor: jax.Array  # of each row, the size from which on rounding is small

    def of(self, rows):
        return self.stretch * _reflected(rows, self.u) + self.shift

    def original(self, copy):
        return _reflected(copy - self.shift, self.u) / self.stretch


@compiled
def _in_eigenbasis(model, derivative, start, theta):
    """The eigenvalues of H, the gradient and start of two runs, the errors and a copy, and how that was made.

    The errors are e above the columns of E as rows, (1 + k, d), in the eigenbasis of H. Copied are e and one column.
    """
    H, b = model(theta)
    U, lam = jax.lax.linalg.eigh(H, symmetrize_input=False)
    products = derivative(theta, U)

    def rows(jacobian):
        """The columns of a Jacobian, in the eigenbasis."""
        return jacobian.reshape(lam.size, theta.size).T @ U

    x_star = -(b @ U) / lam
    dx_star = -(products(x_star) + rows(jax.jacfwd(lambda theta: model(theta)[1])(theta))) / lam[None]
    e, E = fitting("x0", start(theta), b) @ U - x_star, rows(jax.jacfwd(start)(theta)) - dx_star
    errors = jnp.vstack([e[None], E])

    norms = jnp.linalg.norm(errors, axis=1)
    picked = jnp.append(0, 1 + jnp.argsort(-norms[1:])[:1])
    product = jax.tree.map(lambda leaf: leaf[picked[1:] - 1], products)
    u = np.random.default_rng(0).standard_normal((1, lam.size))
    u = jnp.asarray(u / np.linalg.norm(u))
    # Another factor for each row, and such that no row of the errors is larger: a step that clips shows.
    stretch = norms.max() / jnp.maximum(norms[picked].min(), 1e-3 * norms.max())
    stretch = jnp.where(norms.max() > 0, stretch, 1) * jnp.array([[-3.0], [-5.0], [7.0]])
    stretch = stretch[jnp.array([*range(len(picked)), 2])]
    floor = jnp.append(norms[0], norms[0] * jnp.linalg.norm(product(u[0]), axis=1) / lam[-1])
    shift = stretch * jnp.append(norms[picked], 1)[:, None] * u
    copy = _Copy(picked, u, stretch, shift, floor)
    copied = copy.of(jnp.vstack([errors[picked], u]))
    runs = (Partial(_gradient, lam, products), errors), (Partial(_gradient_of_copy, lam, product, copy), copied)
    return lam, runs, copy


def _gradient(lam, products, errors):
    dH_e = products(errors[0])
    return (lam[None] * errors).at[1 : 1 + len(dH_e)].add(dH_e)


def _gradient_of_copy(lam, product, copy, copied):
    return copy.stretch * _reflected(_gradient(lam, product, copy.original(copied)), copy.u)


def _reflected(rows, u):
    return rows - 2 * (rows @ u.T) * u


@compiled
def _norms(methods, runs, copy, *, num_steps):
    """The norms of e and E, and how far the copy is from one, relative to what rounding is relative to."""

    def body(states, _):
        errors, copied = (method.iterate(state) for method, state in zip(methods, states, strict=True))
        *away, growth = jnp.linalg.norm(copy.original(copied).at[:-1].add(-errors[copy.picked]), axis=1)
        squares = (errors**2).sum(1)
        sizes = jnp.sqrt(jnp.stack([squares[0], squares[1:].sum()]))
        steps = (m.step(gradient, s) for m, (gradient, _), s in zip(methods, runs, states, strict=True))
        return tuple(steps), (sizes, jnp.stack(away), growth)

    states = tuple(first_state(method, *run) for method, run in zip(methods, runs, strict=True))
    _, (sizes, away, growth) = jax.lax.scan(body, states, length=num_steps + 1)
    grown = jnp.maximum(sizes[:1] * growth[:, None], sizes)[:, : away.shape[1]]
    largest = jnp.maximum(jax.lax.cummax(grown), copy.floor[None])
    return JacobianErrors(*sizes.T), (away / jnp.where(largest > 0, largest, 1)).max(1)
