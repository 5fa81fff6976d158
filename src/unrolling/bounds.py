"""Worst-case bounds on the Jacobian error of unrolling, from max |P_t - lam P_t'| and max |P_t'| over [ell, L].

Two theorems, and `worst_case`, which computes the same for any method. They assume a quadratic with eigenvalues in
[ell, L], coefficients of the method that do not depend on theta, and dH that commutes with H. D is |dx_0 - dx*|_F, and
G is the Frobenius norm of the total derivative of theta -> grad f(x_0(theta), theta).
"""

import jax
import jax.numpy as jnp
from jax.tree_util import Partial
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from unrolling._checks import at_least_zero, finite_steps, number, spectrum, whole
from unrolling._programs import compiled
from unrolling._unroll import read_linear_method
from unrolling.errors import JacobianErrors
from unrolling.methods import Method, first_state

INTERVALS = 512  # of the grid of `worst_case`; the site's calculator has the same


def gradient_descent_bound(
    step_size: ArrayLike, ell: ArrayLike, L: ArrayLike, num_steps: int, *, D: ArrayLike, G: ArrayLike
) -> Float[Array, " steps"]:
    r"""Bound on the Jacobian error of gradient descent, for t = 0, ..., T.

    With :math:`a = |1 - h\lambda|^{t-1} (1 + (t-1) h\lambda) \, D` and :math:`c = |1 - h\lambda|^{t-1} h t \, G`, what
    the two terms of the error come to in a mode,

    .. math::
        \min_{0 < w < 1} \max_\lambda \sqrt{a^2 / w + c^2 / (1 - w)} \quad (t \ge 1), \qquad D \quad (t = 0).

    As a and c fall up to :math:`h\lambda = 1` and rise from there, the maximum over :math:`[\ell, L]` stands at one of
    its ends. Attained for every t by some quadratic with modes at :math:`\ell` and L. Where one end has both maxima, as
    for :math:`h \le 1/L` and :math:`h \ge 2/(L + \ell)`, it is :math:`\max (a + c)` (Scieur et al., 2022, as the blog
    post states it; between the two that can be too small, by a factor of at most :math:`\sqrt 2`).

    Parameters
    ----------
    step_size
        h, in (0, 2/L).
    ell, L
        The ends of the interval of eigenvalues, 0 < ell <= L.
    num_steps
        T, at least 0.
    D
        The first error of the Jacobian, at least 0.
    G
        The norm of the first cross derivative, at least 0.

    Returns
    -------
    array
        Of shape (T + 1,).

    Raises
    ------
    TypeError, ValueError
        For other values.

    Examples
    --------
    >>> print(gradient_descent_bound(1.0, 0.5, 1.0, 3, D=1.0, G=0.0))
    [1.   1.   0.75 0.5 ]
    """
    ell, L = spectrum(ell, L)
    h = number("step_size", step_size, f"in (0, 2/L), where L = {L}", lambda h: 0 < h < 2 / L)
    D, G, t = _initial(D, G, num_steps)
    return _gradient_descent_bound(h, jnp.stack([ell, L])[:, None], D, G, t)


def chebyshev_bound(
    ell: ArrayLike, L: ArrayLike, num_steps: int, *, D: ArrayLike, G: ArrayLike
) -> Float[Array, " steps"]:
    r"""Bound on the Jacobian error of the Chebyshev method, for t = 0, ..., T.

    .. math::
        \frac{2}{\xi^t + \xi^{-t}} \Big\{ \Big| \frac{2t^2}{1 - \kappa} - 1 \Big| D + \frac{2t^2}{L - \ell} G \Big\},
        \qquad \kappa = \frac{\ell}{L}, \quad \xi = \frac{1 - \sqrt\kappa}{1 + \sqrt\kappa}.

    Attained for every t by some quadratic, at :math:`\lambda = L` (Scieur et al., 2022).

    Parameters
    ----------
    ell, L
        The ends of the interval of eigenvalues, 0 < ell < L.
    num_steps, D, G
        As for `gradient_descent_bound`.

    Returns
    -------
    array
        Of shape (T + 1,).

    Raises
    ------
    TypeError, ValueError
        For other values.

    Examples
    --------
    >>> print(chebyshev_bound(0.25, 1.0, 2, D=1.0, G=0.0))
    [1.         1.         2.12195122]
    """
    ell, L = spectrum(ell, L, strict=True)
    D, G, t = _initial(D, G, num_steps)
    return _chebyshev_bound(ell, L, D, G, t[0])


@jax.jit
def _gradient_descent_bound(h, ends, D, G, t):
    u = h * ends
    decrease = jnp.abs(1 - u) ** jnp.maximum(t - 1, 0)
    a, c = decrease * (1 + (t - 1) * u) * D, decrease * h * t * G
    one_mode = (a + c).max(0, keepdims=True)
    a, c = _ratio(a, one_mode), _ratio(c, one_mode)  # squares of tiny numbers underflow
    # The larger of two convex functions of w is least where they meet, if that is between where each is least.
    least, da2, dc2 = _ratio(a, a + c), jnp.diff(a**2, axis=0), jnp.diff(c**2, axis=0)
    w = _ratio(da2, da2 - dc2)
    between = (w - least).prod(0, keepdims=True) < 0
    w = jnp.where(between, w, 1 / 2)
    two_modes = one_mode * jnp.sqrt((a**2 / w + c**2 / (1 - w))[:1])
    bound = jnp.where(between, two_modes, one_mode)[0]
    return jnp.where(t[0] == 0, D, bound)


@jax.jit
def _chebyshev_bound(ell, L, D, G, t):
    kappa = ell / L
    xi = (L - ell) / L / (1 + jnp.sqrt(kappa)) ** 2  # without the cancellation of 1 - sqrt(kappa)
    decrease = 2 * xi**t / (1 + xi ** (2 * t))
    return decrease * (jnp.abs(2 * t**2 * (L / (L - ell)) - 1) * D + 2 * t**2 / (L - ell) * G)


def worst_case(
    method: Method, ell: ArrayLike, L: ArrayLike, num_steps: int, *, D: ArrayLike, G: ArrayLike
) -> JacobianErrors:
    r"""The largest errors of the iterates and of their Jacobians over all quadratics, for any method.

    They are :math:`\max |P_t|`, for a start at the distance 1 of the solution, and, with
    :math:`a = |P_t - \lambda P_t'| D` and :math:`c = |P_t'| G`, the exact worst case of both terms together,

    .. math::
        \min_{0 < w < 1} \max_\lambda \sqrt{a^2 / w + c^2 / (1 - w)} \,.

    The maxima are taken over 513 points of :math:`[\ell, L]`, denser near the ends, which are two of them. There the
    polynomials of most methods are largest, and nothing is missed. Where the largest value stands in between, as with
    the Sobolev method, it may come out a per mille too small, and a crossing a step too early; more where t is larger
    than the number of points.

    Parameters
    ----------
    method
        A method whose iterates and gradients are combined linearly, with coefficients that depend on t only.
    ell, L
        The ends of the interval of eigenvalues, 0 < ell <= L.
    num_steps, D, G
        As for `gradient_descent_bound`.

    Returns
    -------
    JacobianErrors
        ``x`` and ``jacobian``, each of shape (T + 1,).

    Raises
    ------
    TypeError, ValueError
        For other values, and where the polynomials overflow within T steps.

    Examples
    --------
    >>> x, jacobian = worst_case(unrolling.gradient_descent(1.0), 0.5, 1.0, 3, D=1.0, G=0.0)
    >>> print(x, jacobian)
    [1.    0.5   0.25  0.125] [1.   1.   0.75 0.5 ]
    """
    ell, L = spectrum(ell, L)
    D, G, t = _initial(D, G, num_steps)
    lam = (L + ell) / 2 - (L - ell) / 2 * jnp.cos(jnp.pi * jnp.arange(INTERVALS + 1) / INTERVALS)
    start = jnp.stack([jnp.ones_like(lam), jnp.zeros_like(lam)])
    gradient = Partial(_gradient_and_derivative, lam)
    method = read_linear_method(method, gradient, start)
    return finite_steps(_worst_case(method, gradient, start, D, G, num_steps=t.size - 1))


def _gradient_and_derivative(lam, polynomial):
    """lam P, and its derivative in lam, where P and P' are the two rows."""
    return (lam[None] * polynomial).at[1].add(polynomial[0])


@compiled
def _worst_case(method, gradient, start, D, G, *, num_steps):
    (lam,) = gradient.args

    def body(state, _):
        P, dP = method.iterate(state)
        return method.step(gradient, state), JacobianErrors(
            jnp.abs(P).max(), _largest(D * jnp.abs(P - lam * dP), G * jnp.abs(dP))
        )

    return jax.lax.scan(body, first_state(method, gradient, start), length=num_steps + 1)[1]


def _largest(a, c):
    """The least over w of the largest root of a^2 / w + c^2 / (1 - w)."""
    one_mode = (a + c).max()
    a, c = _ratio(a, one_mode), _ratio(c, one_mode)  # squares of tiny numbers underflow

    def at(z):  # w = 1 / (1 + exp(z))
        return (1 + jnp.exp(z)) * a**2 + (1 + jnp.exp(-z)) * c**2

    def halve(_, ends):
        low, high = ends
        z = (low + high) / 2
        mode = jnp.argmax(at(z))
        rises = jnp.exp(z) * a[mode] > c[mode]
        return jnp.where(rises, low, z), jnp.where(rises, z, high)

    def two_modes():
        low, high = jax.lax.fori_loop(0, 60, halve, (-40.0, 40.0))
        return jnp.sqrt(at((low + high) / 2).max())

    mode = jnp.argmax(a + c)
    best = jnp.log(jnp.maximum(c[mode], 1e-17) / jnp.maximum(a[mode], 1e-17))  # for that mode alone
    return one_mode * jax.lax.cond(at(best).max() <= 1 + 1e-12, lambda: 1.0, two_modes)


def _ratio(part, whole):
    """part / whole, and 0 where that is 0."""
    return jnp.where(whole == 0, 0, part / jnp.where(whole == 0, 1, whole))


def _initial(D, G, num_steps):
    """D, G, and t as a row of floats."""
    return at_least_zero("D", D), at_least_zero("G", G), jnp.arange(whole("num_steps", num_steps) + 1.0)[None]
