"""Bad input, public function by public function: the message names the argument, and says what came."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unrolling
from unrolling import (
    Method,
    Quadratic,
    argmin_jacobian,
    chebyshev,
    chebyshev_bound,
    gradient_descent,
    gradient_descent_bound,
    hypergradient,
    iterates,
    jacobian_errors,
    momentum,
    nesterov,
    residual,
    residual_and_derivative,
    ridge,
    unroll,
)

A, Y, X0 = np.array([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]]), np.ones(3), np.zeros(2)
GD, RIDGE = gradient_descent(0.1), ridge(A, Y)


def f(x, theta):
    return (theta * x**2).sum()


def outer(x, theta):
    return x.sum()


def quadratic(H, b=X0):
    return Quadratic(lambda theta: jnp.asarray(H) + 0 * theta, lambda theta: jnp.asarray(b))


def rooted(x, theta):
    """Without a derivative at theta = 0."""
    return (1 + jnp.sqrt(theta)) * (x**2).sum() + jnp.sqrt(theta)


root = Quadratic(lambda theta: (1 + jnp.sqrt(theta)) * jnp.eye(2), lambda theta: X0 + 1)
FAST = gradient_descent(1e100)

# For each argument, calls that pass it on.
SCALARS = {
    "step_size": [
        gradient_descent,
        lambda v: momentum(v, 0.5),
        lambda v: gradient_descent_bound(v, 0.1, 1.0, 3, 1.0, 1.0),
    ],
    "momentum": [lambda v: momentum(0.1, v)],
    "ell": [
        lambda v: nesterov(v, 1.0),
        lambda v: chebyshev(v, 1.0),
        lambda v: gradient_descent_bound(0.1, v, 1.0, 3, 1.0, 1.0),
        lambda v: chebyshev_bound(v, 1.0, 3, 1.0, 1.0),
    ],
    "L": [
        lambda v: nesterov(0.1, v),
        lambda v: chebyshev(0.1, v),
        lambda v: gradient_descent_bound(0.1, 0.1, v, 3, 1.0, 1.0),
        lambda v: chebyshev_bound(0.1, v, 3, 1.0, 1.0),
    ],
    "jacobian_error": [
        lambda v: gradient_descent_bound(0.1, 0.1, 1.0, 3, v, 1.0),
        lambda v: chebyshev_bound(0.1, 1.0, 3, v, 1.0),
    ],
    "cross_derivative": [
        lambda v: gradient_descent_bound(0.1, 0.1, 1.0, 3, 1.0, v),
        lambda v: chebyshev_bound(0.1, 1.0, 3, 1.0, v),
    ],
}
ARRAYS = {
    "A": [lambda v: ridge(v, Y)],
    "y": [lambda v: ridge(A, v)],
    "lam": [lambda v: residual(GD, 3)(v), lambda v: residual_and_derivative(GD, 3)(v)],
    "x": [
        lambda v: argmin_jacobian(f, v, 1.0),
        lambda v: RIDGE(v, 1.0),
        lambda v: RIDGE.gradient(v, 1.0),
        lambda v: quadratic(np.eye(2)).gradient(v, 1.0),
    ],
    "x0": [
        lambda v: iterates(GD, f, v, 1.0, 3),
        lambda v: unroll(GD, f, v, 1.0, 3),
        lambda v: unroll(GD, f, lambda theta: v, 1.0, 3),
        lambda v: jacobian_errors(GD, RIDGE, v, 1.0, 3),
        lambda v: hypergradient(outer, GD, f, v, 1.0, 3),
        lambda v: hypergradient(outer, GD, f, lambda theta: v, 1.0, 3),
    ],
    "theta": [
        lambda v: iterates(GD, f, X0, v, 3),
        lambda v: unroll(GD, f, X0, v, 3),
        lambda v: jacobian_errors(GD, RIDGE, X0, v, 3),
        lambda v: hypergradient(outer, GD, f, X0, v, 3),
        lambda v: argmin_jacobian(f, X0, v),
        lambda v: RIDGE(X0, v),
        lambda v: RIDGE.minimizer(v),
        lambda v: RIDGE.jacobian(v),
        lambda v: quadratic(np.eye(2)).minimizer(v),
    ],
    "hessian(theta)": [lambda v: Quadratic(lambda theta: v, lambda theta: X0).minimizer(1.0)],
    "linear(theta)": [lambda v: Quadratic(lambda theta: np.eye(2), lambda theta: v).minimizer(1.0)],
}
COUNTS = {
    "num_steps": [
        lambda v: iterates(GD, f, X0, 1.0, v),
        lambda v: unroll(GD, f, X0, 1.0, v),
        lambda v: jacobian_errors(GD, RIDGE, X0, 1.0, v),
        lambda v: hypergradient(outer, GD, f, X0, 1.0, v),
        lambda v: residual(GD, v),
        lambda v: residual_and_derivative(GD, v),
        lambda v: gradient_descent_bound(0.1, 0.1, 1.0, v, 1.0, 1.0),
        lambda v: chebyshev_bound(0.1, 1.0, v, 1.0, 1.0),
    ],
    "start": [lambda v: unroll(GD, f, X0, 1.0, 3, v)],
}
METHODS = [
    lambda v: iterates(v, f, X0, 1.0, 3),
    lambda v: unroll(v, f, X0, 1.0, 3),
    lambda v: jacobian_errors(v, RIDGE, X0, 1.0, 3),
    lambda v: hypergradient(outer, v, f, X0, 1.0, 3),
    lambda v: residual(v, 3)(1.0),
    lambda v: residual_and_derivative(v, 3)(1.0),
]
OBJECTIVES = [
    lambda v: iterates(GD, v, X0, 1.0, 3),
    lambda v: unroll(GD, v, X0, 1.0, 3),
    lambda v: hypergradient(outer, GD, v, X0, 1.0, 3),
    lambda v: argmin_jacobian(v, X0, 1.0),
]


def refused(error, name, came, call, *value):
    """``call`` raises ``error``, and its message has the argument's name and what came."""
    with pytest.raises(error, match=rf"^{re.escape(name)} must .*{re.escape(came)}") as caught:
        call(*value)
    assert "Tracer" not in str(caught.value)


def every(table):
    return pytest.mark.parametrize("name, call", [(name, call) for name, calls in table.items() for call in calls])


@every(SCALARS | ARRAYS)
def test_not_real_float64_numbers(name, call):
    for value, came in [("a", "<U1"), (1j, "complex128"), (np.float32(1), "float32"), (None, "object"), (True, "bool")]:
        refused(TypeError, name, came, call, value)
    refused(TypeError, name, "float32", call, jnp.ones(2, jnp.float32))
    refused(TypeError, name, "[1, [2]]", call, [1, [2]])


@every(SCALARS | ARRAYS)
def test_not_finite(name, call):
    for value in (np.nan, np.inf, -np.inf):
        refused(ValueError, name, str(value), call, value)
    refused(ValueError, name, "nan", call, np.array([1.0, np.nan]))


@every(SCALARS)
def test_not_scalars(name, call):
    refused(ValueError, name, "(2,)", call, np.ones(2))


@every(SCALARS)
def test_numbers_out_of_range(name, call):
    refused(ValueError, name, "-1.0", call, -1.0)
    if name in ("step_size", "ell", "L"):
        refused(ValueError, name, "0.0", call, 0.0)


@every(COUNTS)
def test_not_a_count(name, call):
    refused(ValueError, name, "-1", call, -1)
    for value in (2.5, 3.0, True, "a", None, np.ones(2)):
        refused(TypeError, name, repr(value), call, value)


@pytest.mark.parametrize("call", METHODS)
def test_not_a_method(call):
    for value in (0.1, None, "gradient descent", (1, 2, 3), gradient_descent):
        refused(TypeError, "method", repr(value), call, value)


@pytest.mark.parametrize("call", OBJECTIVES)
def test_not_a_scalar_objective(call):
    for value, came in [
        (lambda x, theta: x, "(2,)"),
        (lambda x, theta: x.sum().astype(jnp.float32), "float32"),
        (lambda x, theta: 1j * x.sum(), "complex128"),
        (lambda x, theta: None, "None"),
        (lambda x, theta: {"loss": x.sum()}, "loss"),
        (lambda x, theta: 3, "int64"),
    ]:
        refused(ValueError, "f", came, call, value)


@pytest.mark.parametrize(
    "error, name, came, call",
    [
        (ValueError, "momentum", "1.0", lambda: momentum(0.1, 1.0)),
        (ValueError, "ell", "ell = 2.0 and L = 1.0", lambda: nesterov(2.0, 1.0)),
        (ValueError, "ell", "ell = 2.0 and L = 1.0", lambda: chebyshev(2.0, 1.0)),
        (ValueError, "ell", "ell = 2.0 and L = 1.0", lambda: gradient_descent_bound(0.1, 2.0, 1.0, 3, 1.0, 1.0)),
        (ValueError, "ell", "ell = 2.0 and L = 1.0", lambda: chebyshev_bound(2.0, 1.0, 3, 1.0, 1.0)),
        (ValueError, "ell", "ell = 1.0 and L = 1.0", lambda: chebyshev_bound(1.0, 1.0, 3, 1.0, 1.0)),
        (ValueError, "step_size", "2.0", lambda: gradient_descent_bound(2.0, 0.1, 1.0, 3, 1.0, 1.0)),
        (ValueError, "step_size", "L = 4.0, got 0.6", lambda: gradient_descent_bound(0.6, 0.1, 4.0, 3, 1.0, 1.0)),
        (ValueError, "start", "4", lambda: unroll(GD, f, X0, 1.0, 3, start=4)),
        (TypeError, "problem", "function", lambda: jacobian_errors(GD, f, X0, 1.0, 3)),
        (TypeError, "problem", "None", lambda: jacobian_errors(GD, None, X0, 1.0, 3)),
        (ValueError, "outer", "(2,)", lambda: hypergradient(lambda x, theta: x, GD, f, X0, 1.0, 3)),
        (ValueError, "outer", "None", lambda: hypergradient(lambda x, theta: None, GD, f, X0, 1.0, 3)),
        (ValueError, "outer", "int64", lambda: hypergradient(lambda x, theta: 3, GD, f, X0, 1.0, 3)),
        (TypeError, "outer", "1.0", lambda: hypergradient(1.0, GD, f, X0, 1.0, 3)),
        (TypeError, "f", "None", lambda: unroll(GD, None, X0, 1.0, 3)),
        (TypeError, "hessian", "None", lambda: Quadratic(None, lambda theta: X0)),
        (TypeError, "linear", "0.0", lambda: Quadratic(lambda theta: np.eye(2), 0.0)),
        (ValueError, "num_steps", "2147483647", lambda: residual(GD, 2**31 - 1)),
        (ValueError, "step_size", "1e-101", lambda: gradient_descent(1e-101)),
        (ValueError, "step_size", "at most 1e100, got 1e+101", lambda: gradient_descent(1e101)),
        (ValueError, "L", "at most 1e100, got 1e+101", lambda: chebyshev(1.0, 1e101)),
        (
            ValueError,
            r"eta \* \(2 / \(L - ell\)\)\*\*2",
            "at most 1e100, got 4e+100",
            lambda: unrolling.sobolev(1.0, 2.0, eta=1e100),
        ),
        (TypeError, "checkpoint", "'no'", lambda: hypergradient(outer, GD, f, X0, 1.0, 3, "no")),
        (ValueError, "A", "inf", lambda: ridge(1e200 * A, Y)),
        (ValueError, "y", "inf", lambda: ridge(1e10 * A, 1e300 * Y)),
        (ValueError, "x", "finite value, got inf", lambda: RIDGE(X0 + 1e200, 1.0)),
        (ValueError, "x", "finite gradient, got [inf", lambda: RIDGE.gradient(X0 + 1e300, 1e300)),
        (ValueError, "x", "finite gradient, got [inf", lambda: quadratic(np.eye(2) * 1e300).gradient(X0 + 1e300, 1.0)),
        (
            ValueError,
            "theta",
            "finite minimizer, got [",
            lambda: quadratic(np.eye(2) * 1e-200, X0 + 1e200).minimizer(1),
        ),
        (ValueError, "theta", "finite Jacobian, got [", lambda: root.jacobian(0.0)),
        (ValueError, "f", "finite Jacobian, got [", lambda: argmin_jacobian(rooted, X0, 0.0)),
        (
            ValueError,
            "outer",
            "finite gradient at the iterate 3, got nan",
            lambda: hypergradient(rooted, GD, f, X0, 0.0, 3),
        ),
        (ValueError, "x0", "finite Jacobian, got [", lambda: unroll(GD, f, lambda theta: jnp.sqrt(theta) + X0, 0.0, 3)),
        (TypeError, "method.init", "got 1", lambda: iterates(Method(1, 2, 3), f, X0, 1.0, 3)),
        (TypeError, "method.iterate", "got 3", lambda: iterates(Method(GD.init, GD.step, 3), f, X0, 1.0, 3)),
        (TypeError, "num_steps", "Trace", lambda: jax.jit(lambda n: iterates(GD, f, X0, 1.0, n))(3)),
    ],
)
def test_other_values(error, name, came, call):
    with pytest.raises(error, match=rf"^{name} must .*{re.escape(came)}"):
        call()


@pytest.mark.parametrize(
    "said, call",
    [
        ("step_size must be positive, at least 1e-100, got -1.0", lambda: gradient_descent(-1.0)),
        ("step_size must be at most 1e100, got 2e+100", lambda: gradient_descent(2e100)),
        ("step_size must be a scalar, got an array of shape (2,)", lambda: gradient_descent(np.ones(2))),
        ("step_size must be real and float64, got dtype float32", lambda: gradient_descent(np.float32(1))),
        ("step_size must be an array of real numbers, got [1, [2]]", lambda: gradient_descent([1, [2]])),
        ("step_size must be finite, got nan", lambda: gradient_descent(np.nan)),
        ("momentum must be at least 0 and less than 1, got 1.0", lambda: momentum(0.1, 1.0)),
        ("ell must be at most L, got ell = 2.0 and L = 1.0", lambda: nesterov(2.0, 1.0)),
        ("ell must be less than L, got ell = 1.0 and L = 1.0", lambda: unrolling.sobolev(1.0, 1.0)),
        ("alpha must be greater than -1/2, got -0.5", lambda: unrolling.sobolev(0.1, 1.0, -0.5)),
        ("eta must be at least 0, got -1.0", lambda: unrolling.sobolev(0.1, 1.0, 0, -1.0)),
        (
            "step_size must be in (0, 2/L), where L = 4.0, got 0.5",
            lambda: gradient_descent_bound(0.5, 0.1, 4.0, 3, 1.0, 1.0),
        ),
        ("jacobian_error must be at least 0, got -1.0", lambda: chebyshev_bound(0.1, 1.0, 3, -1.0, 1.0)),
        ("cross_derivative must be at least 0, got -1.0", lambda: chebyshev_bound(0.1, 1.0, 3, 1.0, -1.0)),
        ("num_steps must be a whole number, got 2.5", lambda: residual(GD, 2.5)),
        ("num_steps must be at least 0 and less than 2^31 - 1, got -1", lambda: residual(GD, -1)),
        (
            "num_steps must be less than 1 here, got 2: from t = 1 on the Jacobians overflow or are undefined",
            lambda: unroll(GD, rooted, X0 + 1, 0.0, 2),
        ),
        ("x must give a finite value, got inf", lambda: RIDGE(X0 + 1e200, 1.0)),
        ("theta must be real and float64, got dtype <U1", lambda: RIDGE.minimizer("a")),
        ("theta must be real and float64, got dtype <U1", lambda: RIDGE.gradient(X0, "a")),
        (
            "linear(theta) must have shape (2,) to fit hessian(theta), got (3,)",
            lambda: quadratic(np.eye(2), np.ones(3)).minimizer(1.0),
        ),
        ("A must give a finite A^T A, got [[inf]]", lambda: ridge([[1e200]], [1.0])),
        ("y must give a finite A^T y, got [inf]", lambda: ridge([[1e10]], [1e300])),
        ("y must have shape (3,) to fit A, got (2,)", lambda: ridge(A, X0)),
        (
            "f must have an invertible Hessian at x, got a singular one",
            lambda: argmin_jacobian(lambda x, theta: theta * x[0] ** 2, X0, 1.0),
        ),
        ("f must be a function, and hashable, got 3", lambda: iterates(GD, 3, X0, 1.0, 2)),
    ],
)
def test_every_word_that_is_said(said, call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value) == said


def test_the_ends_of_what_is_allowed():
    for value in (1e-100, 1e100):
        gradient_descent(value)
    chebyshev(1.0, 1.0), nesterov(1.0, 1.0), momentum(1.0, 0.0)
    chebyshev_bound(0.1, 1.0, 0, 0.0, 0.0)
    unrolling.sobolev(0.1, 1.0, eta=0), unrolling.sobolev(1.0, 3.0, eta=1e100)
    residual(GD, 2**31 - 2)


def test_what_is_not_known_is_not_looked_at():
    """Inside of a transformation of one argument, also where the other one's value is known."""
    rate = lambda ell, L: residual(chebyshev(ell, L), 3)(1.0)  # noqa: E731
    both = rate(0.1, 1.0)
    for of in (0, 1):
        np.testing.assert_allclose(jax.jit(rate, static_argnums=1 - of)(0.1, 1.0), both, rtol=1e-12)
    for of, ends in [((0, None), (np.array([0.1]), 1.0)), ((None, 0), (0.1, np.array([1.0])))]:
        np.testing.assert_allclose(jax.vmap(rate, of)(*ends)[0], both, rtol=1e-12)
    step = jax.jit(lambda h: residual(gradient_descent(h), 3)(1.0))
    np.testing.assert_allclose(step(-0.5), 1.5 ** np.arange(4), rtol=1e-15)


@pytest.mark.parametrize("call", METHODS[:4])
def test_a_method_leads_from_states_to_states_of_one_form(call):
    same = lambda x: x  # noqa: E731
    for step in (
        lambda gradient, x: None,
        lambda gradient, x: (x, x),
        lambda gradient, x: x[:1],
        lambda gradient, x: x.astype(jnp.float32),
    ):
        with pytest.raises(TypeError, match=r"^method.step must return a state of the form float64\["):
            call(Method(same, step, same))
    for iterate, came in [(lambda x: x[0], "float64["), (lambda x: x.astype(jnp.float32), "float32[")]:
        with pytest.raises(TypeError, match=rf"^method.iterate must return .*float64.*, got {re.escape(came)}"):
            call(Method(same, GD.step, iterate))


@pytest.mark.parametrize(
    "name, what, call",
    [
        ("iterates", "iterates", lambda T: iterates(FAST, f, X0 + 1, 1.0, T)),
        ("unroll", "iterates", lambda T: unroll(FAST, f, X0 + 1, 1.0, T)),
        ("unroll", "iterates", lambda T: unroll(FAST, f, X0 + 1, 1.0, T, start=2)),
        ("jacobian_errors", "errors", lambda T: jacobian_errors(FAST, RIDGE, X0 + 1, 1.0, T)),
        ("residual", "iterates", lambda T: residual(FAST, T)(2.0)),
        ("residual_and_derivative", "polynomials", lambda T: residual_and_derivative(FAST, T)(np.array([0.0, 2.0]))),
    ],
)
def test_a_method_that_overflows_is_noticed(name, what, call):
    """Every step multiplies by -2e100, or nearly: three fit a float, and an error whose square fits it only one."""
    most = 1 if name == "jacobian_errors" else 3
    assert all(np.isfinite(value).all() for value in jax.tree.leaves(call(most)))
    for T in (most + 1, most + 4):
        with pytest.raises(ValueError, match=f"^num_steps must be less than {most + 1} here, got {T}: .* the {what} "):
            call(T)
    assert not np.isfinite(jax.jit(lambda theta: iterates(FAST, f, X0 + 1, theta, 6))(1.0)).all()


def test_a_derivative_that_overflows_is_noticed():
    with pytest.raises(
        ValueError, match="^num_steps must be less than 1 here, got 3: .* the Jacobians overflow or are"
    ):
        unroll(GD, rooted, X0 + 1, 0.0, 3)
    with pytest.raises(
        ValueError, match="^num_steps must be less than 4 here, got 4: .* the derivatives overflow or are"
    ):
        residual_and_derivative(gradient_descent(1e100), 4)(1e-23)
    with pytest.raises(ValueError, match="^num_steps must be less than 0 here, got 1: .* the errors overflow or are"):
        jacobian_errors(GD, RIDGE, X0 + 1e200, 1.0, 1)
    with pytest.raises(ValueError, match="^num_steps must be less than 0 here, got 1: .* the errors overflow or are"):
        jacobian_errors(gradient_descent(1.0), quadratic(np.eye(2)), X0 + 1e200, 1.0, 1)  # which comes back to zero
    steep = Quadratic(lambda theta: jnp.eye(2) * (1 + 1e200 * theta), lambda theta: np.ones(2))
    with pytest.raises(ValueError, match="^num_steps must be less than 0 here, got 1: .* the errors of the Jacobian "):
        jacobian_errors(GD, steep, X0, 0.0, 1)


@pytest.mark.parametrize(
    "name, call",
    [
        ("f", lambda v: iterates(GD, lambda x, theta: v(x[0]) * theta, X0, 1.0, 3)),
        ("f", lambda v: argmin_jacobian(lambda x, theta: x[0] if x[0] > 0 else v(theta), X0, 1.0)),
        ("x0", lambda v: unroll(GD, f, lambda theta: v(theta) + X0, 1.0, 3)),
        ("outer", lambda v: hypergradient(lambda x, theta: v(theta), GD, f, X0, 1.0, 3)),
        ("hessian", lambda v: Quadratic(lambda theta: v(theta) * np.eye(2), lambda theta: X0).jacobian(1.0)),
        ("hessian", lambda v: unroll(GD, Quadratic(lambda t: v(t) * np.eye(2), lambda t: X0), X0, 1.0, 3)),
        ("linear", lambda v: jacobian_errors(GD, Quadratic(lambda t: np.eye(2), lambda t: v(t) + X0), X0, 1.0, 3)),
    ],
)
def test_functions_that_ask_for_the_numbers(name, call):
    for function in (float, np.asarray):
        with pytest.raises(TypeError, match=f"^{name} must be made of JAX's functions"):
            call(function)


@pytest.mark.parametrize("call", OBJECTIVES)
def test_a_function_without_a_hash(call):
    class Function:
        __hash__ = None

        def __call__(self, x, theta):
            return theta * x.sum()

    refused(TypeError, "f", "Function", call, Function())


def test_constants_of_whole_numbers_make_a_quadratic():
    whole = Quadratic(lambda theta: np.eye(2, dtype=int), lambda theta: np.ones(2, int))
    np.testing.assert_array_equal(whole.jacobian(1.0), np.zeros(2))
    x_error, jacobian_error = jacobian_errors(GD, whole, X0, 1.0, 1)
    np.testing.assert_allclose(x_error, [2**0.5, 0.9 * 2**0.5], rtol=1e-15)
    np.testing.assert_array_equal(jacobian_error, 0)


THREE = np.zeros(3)


@pytest.mark.parametrize(
    "name, came, call",
    [
        ("A", "(3,)", lambda: ridge(Y, Y)),
        ("A", "(1, 3, 2)", lambda: ridge(A[None], Y)),
        ("y", "(2,)", lambda: ridge(A, np.ones(2))),
        ("y", "(3, 1)", lambda: ridge(A, Y[:, None])),
        ("theta", "(3,)", lambda: RIDGE.minimizer(THREE)),
        ("theta", "(3,)", lambda: RIDGE(X0, THREE)),
        ("theta", "(1,)", lambda: unroll(GD, RIDGE, X0, np.ones(1), 3)),
        ("theta", "(3,)", lambda: iterates(GD, RIDGE, X0, THREE, 3)),
        ("theta", "(3,)", lambda: jacobian_errors(GD, RIDGE, X0, THREE, 3)),
        ("theta", "(3,)", lambda: hypergradient(outer, GD, RIDGE, X0, THREE, 3)),
        ("theta", "(3,)", lambda: argmin_jacobian(RIDGE, X0, THREE)),
        ("x0", "(3,)", lambda: unroll(GD, RIDGE, THREE, 1.0, 3)),
        ("x0", "(3,)", lambda: unroll(GD, RIDGE, lambda theta: THREE, 1.0, 3)),
        ("x0", "()", lambda: iterates(GD, RIDGE, 0.0, 1.0, 3)),
        ("x0", "(2, 1)", lambda: jacobian_errors(GD, RIDGE, X0[:, None], 1.0, 3)),
        ("x0", "(3,)", lambda: hypergradient(outer, GD, RIDGE, THREE, 1.0, 3)),
        ("x", "(3,)", lambda: RIDGE(THREE, 1.0)),
        ("x", "(3,)", lambda: RIDGE.gradient(THREE, 1.0)),
        ("x", "(3,)", lambda: argmin_jacobian(RIDGE, THREE, 1.0)),
        ("hessian(theta)", "(0, 0)", lambda: jacobian_errors(GD, ridge(np.ones((3, 0)), Y), np.zeros(0), 1.0, 3)),
        ("hessian(theta)", "(2, 3)", lambda: quadratic(np.ones((2, 3))).minimizer(1.0)),
        ("hessian(theta)", "(2,)", lambda: quadratic(np.ones(2)).jacobian(1.0)),
        ("linear(theta)", "(3,)", lambda: quadratic(np.eye(2), THREE).minimizer(1.0)),
        ("linear(theta)", "()", lambda: unroll(GD, quadratic(np.eye(2), 1.0), X0, 1.0, 3)),
    ],
)
def test_shapes_that_do_not_fit(name, came, call):
    refused(ValueError, name, came, call)


USES = {
    "minimizer": lambda problem: problem.minimizer(1.0),
    "jacobian": lambda problem: problem.jacobian(1.0),
    "iterates": lambda problem: iterates(GD, problem, X0, 1.0, 3),
    "unroll": lambda problem: unroll(GD, problem, X0, 1.0, 3),
    "jacobian_errors": lambda problem: jacobian_errors(GD, problem, X0, 1.0, 3),
    "hypergradient": lambda problem: hypergradient(outer, GD, problem, X0, 1.0, 3),
    "argmin_jacobian": lambda problem: argmin_jacobian(problem, X0, 1.0),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_hessian_that_is_not_symmetric_or_not_definite(use):
    for H, came in [
        ([[1.0, 0.5], [0.0, 1.0]], "symmetric, got |H - H^T| up to 0.5"),
        ([[1.0, 1e-6], [0.0, 1.0]], "symmetric, got |H - H^T| up to 1e-06"),
        ([[1.0, 0.0], [0.0, -0.5]], "definite, got eigenvalues from -0.5 to 1"),
        ([[1.0, 0.0], [0.0, 0.0]], "definite, got eigenvalues from 0 to 1"),
        ([[1.0, 2.0], [2.0, 1.0]], "definite, got eigenvalues from -1 to 3"),
        (np.outer([0.7, 0.1], [0.7, 0.1]), "definite, got eigenvalues from"),  # rounding makes a Cholesky factor of it
    ]:
        refused(ValueError, "hessian(theta)", came, use, quadratic(H))


def test_the_smallest_and_the_largest_eigenvalue_are_told():
    problem = Quadratic(lambda theta: np.diag([1.0, 3.0, -2.0]), lambda theta: np.ones(3))
    refused(ValueError, "hessian(theta)", "definite, got eigenvalues from -2 to 3", problem.minimizer, 1.0)


def test_hessians_that_are_nearly_not_symmetric_or_not_definite():
    """By 1e-9 and 1e-13 of the largest entry."""
    nearly_symmetric, nearly_singular = (
        quadratic([[1e6, 1e-5], [0.0, 1e6]], X0 - 1),
        quadratic(np.diag([1, 1e-12]), X0 - 1),
    )
    np.testing.assert_allclose(nearly_symmetric.minimizer(1.0), [1e-6, 1e-6], rtol=1e-9)
    np.testing.assert_allclose(nearly_singular.minimizer(1.0), [1, 1e12], rtol=1e-12)
    refused(ValueError, "hessian(theta)", "got eigenvalues from 0 to 0", quadratic(np.zeros((2, 2))).minimizer, 1.0)


def test_a_start_of_whole_numbers_is_taken_for_float64():
    whole = lambda theta: jnp.ones(2, int)  # noqa: E731
    for x0 in (np.ones(2, int), [1, 1], whole):
        np.testing.assert_array_equal(unroll(GD, f, x0, 1.0, 3)[1], unroll(GD, f, np.ones(2), 1.0, 3)[1])
        assert hypergradient(outer, GD, f, x0, 1.0, 3) == hypergradient(outer, GD, f, np.ones(2), 1.0, 3)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64:UserWarning")
def test_float64_switched_off_again_is_noticed():
    """``import unrolling`` switches it on. A float64 that JAX would cut to float32 must not pass silently."""
    jax.config.update("jax_enable_x64", False)
    try:
        refused(TypeError, "theta", "switched off", lambda: iterates(GD, f, X0, X0, 3))
    finally:
        jax.config.update("jax_enable_x64", True)


def test_importing_the_library_switches_float64_on():
    assert jnp.ones(1).dtype == jnp.float64 and jnp.asarray(0.1) == 0.1
    assert unrolling.__all__ == sorted(unrolling.__all__)
