"""What the library is compared with: plain loops, exact arithmetic and finite differences, none of them from JAX.

The loops know nothing of the type of a number, so that they run on floats and on decimals of any length.
"""

from decimal import Decimal, localcontext

import numpy as np

EPS = np.finfo(float).eps


def assert_close(actual, expected, steps, size):
    """Equal but for rounding, relative to the largest entry of ``expected``.

    One step adds products of length ``size``, each with a relative error of at most size * EPS, and the steps' errors
    add up. 8 leaves room for the few operations of a step and for a condition number of a few units.
    """
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=8 * EPS * steps * size * np.abs(expected).max(initial=0))


def gradient_descent(gradient, x, num_steps, step_size):
    xs = [x]
    for _ in range(num_steps):
        xs.append(xs[-1] - step_size * gradient(xs[-1]))
    return xs


def momentum(gradient, x, num_steps, step_size, momentum):
    xs = [x, x]
    for _ in range(num_steps):
        xs.append(xs[-1] + momentum * (xs[-1] - xs[-2]) - step_size * gradient(xs[-1]))
    return xs[1:]


def nesterov(gradient, x, num_steps, ell, L):
    half = type(L)("0.5")
    m = (L**half - ell**half) / (L**half + ell**half)
    xs = [x, x]
    for _ in range(num_steps):
        y = xs[-1] + m * (xs[-1] - xs[-2])
        xs.append(y - gradient(y) / L)
    return xs[1:]


def chebyshev(gradient, x, num_steps, ell, L):
    """The recurrence T_{t+1}(s) = 2 s T_t(s) - T_{t-1}(s), with the values T_t(s_0) that the library avoids."""
    s_0 = (L + ell) / (L - ell)
    T = [s_0**0, s_0]
    xs = [x, x - 2 / (L + ell) * gradient(x)]
    for _ in range(num_steps - 1):
        T.append(2 * s_0 * T[-1] - T[-2])
        twice_s_x = 2 * ((L + ell) * xs[-1] - 2 * gradient(xs[-1])) / (L - ell)
        xs.append((twice_s_x * T[-2] - xs[-2] * T[-3]) / T[-1])
    return xs


def decimals(array):
    """The same numbers, exactly, as decimals."""
    return np.vectorize(Decimal, otypes=[object])(array)


def solve(matrix, vector):
    """Gaussian elimination, for a symmetric positive definite matrix (no pivoting)."""
    rows = np.column_stack([matrix, vector])
    for i in range(len(rows)):
        rows[i] = rows[i] / rows[i, i]
        for j in range(len(rows)):
            if j != i:
                rows[j] = rows[j] - rows[j, i] * rows[i]
    return rows[:, -1]


def exact_errors(loop, parameters, hessian, linear, x0, num_steps):
    """|x_t - x*| and |dx_t - dx*| at theta = 0, in 60 digits, for scalar theta.

    ``hessian`` and ``linear`` are (constant, slope) pairs. The derivative is a central difference with 1e-20, which
    leaves 20 digits more than a float has.
    """
    with localcontext(prec=60):
        (H, dH), (b, db) = map(decimals, hessian), map(decimals, linear)

        def errors(theta):
            matrix, vector = H + theta * dH, b + theta * db
            minimizer = solve(matrix, -vector)
            xs = loop(lambda x: matrix @ x + vector, decimals(x0), num_steps, *map(Decimal, parameters))
            return np.array(xs) - minimizer

        delta = Decimal("1e-20")
        e, E = errors(Decimal(0)), (errors(delta) - errors(-delta)) / (2 * delta)
        return tuple(np.array([(row @ row).sqrt() for row in rows], float) for rows in (e, E))


def finite_differences(function, theta):
    """The Jacobian of ``function`` by central differences, of shape value.shape + theta.shape.

    The step EPS^(1/3) balances truncation, of order step^2, and rounding, of order EPS / step: both are 4e-11 for a
    function with values and third derivatives of order 1.
    """
    theta, step = np.asarray(theta, float), EPS ** (1 / 3)
    columns = []
    for index in np.ndindex(theta.shape):
        shift = np.zeros(theta.shape)
        shift[index] = step
        columns.append((np.asarray(function(theta + shift)) - np.asarray(function(theta - shift))) / (2 * step))
    return np.stack(columns, -1).reshape(columns[0].shape + theta.shape)
