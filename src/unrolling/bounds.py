"""Worst-case bounds on the Jacobian error of unrolling, from max |P_t - lam P_t'| and max |P_t'| over [ell, L].

Both theorems assume a quadratic with eigenvalues in [ell, L], coefficients of the method that do not depend on theta,
and dH that commutes with H. D is |dx_0 - dx*|_F, and G is the Frobenius norm of the total derivative of
theta -> grad f(x_0(theta), theta).

>>> print(gradient_descent_bound(1.0, 0.5, 1.0, 3, jacobian_error=1.0, cross_derivative=0.0))
[1.   1.   0.75 0.5 ]
"""

import jax.numpy as jnp

from unrolling.checks import number, spectrum, steps


def gradient_descent_bound(step_size, ell, L, num_steps, jacobian_error, cross_derivative):
    r"""Bound on the Jacobian error of gradient descent, for t = 0, ..., T; shape (T + 1,).

    .. math::
        \max_\lambda |1 - h\lambda|^{t-1} (1 + (t-1) h\lambda) \, D
        + \max_\lambda |1 - h\lambda|^{t-1} h t \, G \quad (t \ge 1), \qquad D \quad (t = 0).

    Both maxima are over :math:`[\ell, L]`, and stand at one of its ends. ``step_size`` is h, ``jacobian_error`` is D
    and ``cross_derivative`` is G. Attained for every t by some quadratic if D or G is 0, if :math:`h \le 1/L` or if
    :math:`h \ge 2/(L + \ell)`: then one :math:`\lambda` serves both maxima (Scieur et al., 2022; there with a single
    maximum of the sum, which can be too small). Raises ValueError unless 0 < ell <= L, 0 < h < 2/L, and D and G are at
    least 0.
    """
    ell, L = spectrum(ell, L)
    h = number("step_size", step_size, f"in (0, 2/L), where L = {L}", lambda h: 0 < h < 2 / L)
    D, G, t = _initial(jacobian_error, cross_derivative, num_steps)
    u = h * jnp.array([ell, L])[:, None]
    decrease = jnp.abs(1 - u) ** jnp.maximum(t - 1, 0)
    return jnp.where(t == 0, D, (decrease * (1 + (t - 1) * u)).max(0) * D + (decrease * h * t).max(0) * G)


def chebyshev_bound(ell, L, num_steps, jacobian_error, cross_derivative):
    r"""Bound on the Jacobian error of the Chebyshev method, for t = 0, ..., T; shape (T + 1,).

    .. math::
        \frac{2}{\xi^t + \xi^{-t}} \Big\{ \Big| \frac{2t^2}{1 - \kappa} - 1 \Big| D + \frac{2t^2}{L - \ell} G \Big\},
        \qquad \kappa = \frac{\ell}{L}, \quad \xi = \frac{1 - \sqrt\kappa}{1 + \sqrt\kappa}.

    ``jacobian_error`` is D and ``cross_derivative`` is G. Attained for every t by some quadratic, at
    :math:`\lambda = L` (Scieur et al., 2022). Raises ValueError unless 0 < ell < L, and D and G are at least 0.
    """
    ell, L = spectrum(ell, L, strict=True)
    D, G, t = _initial(jacobian_error, cross_derivative, num_steps)
    kappa = ell / L
    xi = (L - ell) / L / (1 + jnp.sqrt(kappa)) ** 2  # without the cancellation of 1 - sqrt(kappa)
    decrease = 2 * xi**t / (1 + xi ** (2 * t))
    return decrease * (jnp.abs(2 * t**2 * (L / (L - ell)) - 1) * D + 2 * t**2 / (L - ell) * G)


def _initial(jacobian_error, cross_derivative, num_steps):
    D = number("jacobian_error", jacobian_error, "at least 0", lambda v: v >= 0)
    G = number("cross_derivative", cross_derivative, "at least 0", lambda v: v >= 0)
    return D, G, jnp.arange(steps("num_steps", num_steps) + 1)
