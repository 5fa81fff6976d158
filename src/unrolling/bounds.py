"""Worst-case bounds on the Jacobian error of unrolling, from max |P_t - lam P_t'| and max |P_t'| over [ell, L].

Both theorems assume a quadratic with eigenvalues in [ell, L], coefficients of the method that do not depend on theta,
and dH that commutes with H. D is |dx_0 - dx*|_F, and G is the Frobenius norm of the total derivative of
theta -> grad f(x_0(theta), theta).
"""

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from unrolling._checks import at_least_zero, number, spectrum, whole


def gradient_descent_bound(
    step_size: ArrayLike, ell: ArrayLike, L: ArrayLike, num_steps: int, *, D: ArrayLike, G: ArrayLike
) -> Float[Array, " steps"]:
    r"""Bound on the Jacobian error of gradient descent, for t = 0, ..., T.

    .. math::
        \max_\lambda |1 - h\lambda|^{t-1} (1 + (t-1) h\lambda) \, D
        + \max_\lambda |1 - h\lambda|^{t-1} h t \, G \quad (t \ge 1), \qquad D \quad (t = 0).

    Both maxima are over :math:`[\ell, L]`, and stand at one of its ends. Attained for every t by some quadratic if D
    or G is 0, if :math:`h \le 1/L` or if :math:`h \ge 2/(L + \ell)`: then one :math:`\lambda` serves both maxima
    (Scieur et al., 2022; there with a single maximum of the sum, which can be too small).

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
    u = h * jnp.stack([ell, L])[:, None]
    decrease = jnp.abs(1 - u) ** jnp.maximum(t - 1, 0)
    bound = (decrease * (1 + (t - 1) * u)).max(0) * D + (decrease * h * t).max(0) * G
    return jnp.where(t[0] == 0, D, bound)


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
    kappa, t = ell / L, t[0]
    xi = (L - ell) / L / (1 + jnp.sqrt(kappa)) ** 2  # without the cancellation of 1 - sqrt(kappa)
    decrease = 2 * xi**t / (1 + xi ** (2 * t))
    return decrease * (jnp.abs(2 * t**2 * (L / (L - ell)) - 1) * D + 2 * t**2 / (L - ell) * G)


def _initial(D, G, num_steps):
    """D, G, and t as a row of floats."""
    return at_least_zero("D", D), at_least_zero("G", G), jnp.arange(whole("num_steps", num_steps) + 1.0)[None]
