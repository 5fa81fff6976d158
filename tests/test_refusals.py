"""Bad input: the message names the argument, and says what came and what is allowed."""

import inspect
import re
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

import unrolling
from unrolling import Method, Quadratic, gradient_descent, ridge

A, Y, X0 = np.array([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]]), np.ones(3), np.zeros(2)
GD, RIDGE = gradient_descent(0.1), ridge(A, Y)


def f(x, theta):
    return (theta * x**2).sum()


def outer(x, theta):
    return x.sum()


class Frame:
    """A table of data, as far as NumPy is concerned."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def quadratic(H, b=X0):
    return Quadratic(lambda theta: jnp.asarray(H) + 0 * theta, lambda theta: jnp.asarray(b))


# For each argument, calls that pass it on. Of functions of numbers only, all that there are.
NUMBERS = {"step_size": 0.1, "momentum": 0.5, "ell": 0.1, "L": 1.0, "alpha": 0.0, "eta": 1.0, "D": 1.0, "G": 1.0}
NUMBERS |= {"tolerance": 1e-8, "num_steps": 3}
SCALARS = {}
for function in map(vars(unrolling).get, unrolling.__all__):
    names = inspect.signature(function).parameters
    for name in names if names.keys() <= NUMBERS.keys() else ():
        others = {other: NUMBERS[other] for other in names if other != name}
        SCALARS.setdefault(name, []).append(lambda v, of=function, name=name, others=others: of(**{name: v}, **others))
for name in ("ell", "L", "D", "G"):
    SCALARS[name].append(
        lambda v, name=name: unrolling.worst_case(GD, num_steps=3, **{"ell": 0.1, "L": 1.0, "D": 1, "G": 1, name: v})
    )
ARRAYS = {
    "A": [lambda v: ridge(v, Y)],
    "y": [lambda v: ridge(A, v)],
    "lam": [lambda v: unrolling.residual_polynomials(GD, v, 3)],
    "errors": [unrolling.burn_in],
    "x": [lambda v: unrolling.argmin_jacobian(f, v, 1.0), lambda v: RIDGE(v, 1.0), lambda v: RIDGE.gradient(v, 1.0)],
    "x0": [lambda v: unrolling.jacobian_errors(GD, RIDGE, v, 1.0, 3)],
    "theta": [
        lambda v: unrolling.jacobian_errors(GD, RIDGE, X0, v, 3),
        lambda v: unrolling.argmin_jacobian(f, X0, v),
        lambda v: RIDGE(X0, v),
        lambda v: RIDGE.minimizer(v),
        lambda v: quadratic(np.eye(2)).jacobian(v),
    ],
    "hessian(theta)": [lambda v: Quadratic(lambda theta: v, lambda theta: X0).minimizer(1.0)],
    "linear(theta)": [lambda v: Quadratic(lambda theta: np.eye(2), lambda theta: v).minimizer(1.0)],
}
TREES = {  # of which an array is one
    "x0": [
        lambda v: unrolling.iterates(GD, f, v, 1.0, 3),
        lambda v: unrolling.unroll(GD, f, lambda theta: v, 1.0, 3),
        lambda v: unrolling.hypergradient(outer, GD, f, v, 1.0, 3),
    ],
    "x": [lambda v: unrolling.implicit_hypergradient(outer, f, v, 1.0)],
    "theta": [
        lambda v: unrolling.unroll(GD, f, X0, v, 3),
        lambda v: unrolling.hypergradient(outer, GD, f, X0, v, 3),
        lambda v: unrolling.implicit_hypergradient(outer, f, X0, v),
    ],
}
COUNTS = {
    "num_steps": [
        lambda v: unrolling.iterates(GD, f, X0, 1.0, v),
        lambda v: unrolling.unroll(GD, f, X0, 1.0, v),
        lambda v: unrolling.jacobian_errors(GD, RIDGE, X0, 1.0, v),
        lambda v: unrolling.hypergradient(outer, GD, f, X0, 1.0, v),
        lambda v: unrolling.residual_polynomials(GD, 1.0, v),
        lambda v: unrolling.join(GD, GD, v),
        lambda v: unrolling.worst_case(GD, 0.1, 1.0, v, D=1, G=1),
        *(call for call in SCALARS.pop("num_steps") if "conjugate" not in call.__defaults__[0].__name__),
    ],
    "start": [lambda v: unrolling.unroll(GD, f, X0, 1.0, 3, start=v)],
}
OBJECTIVES = [
    lambda v: unrolling.iterates(GD, v, X0, 1.0, 3),
    lambda v: unrolling.unroll(GD, v, X0, 1.0, 3),
    lambda v: unrolling.hypergradient(outer, GD, v, X0, 1.0, 3),
    lambda v: unrolling.argmin_jacobian(v, X0, 1.0),
    lambda v: unrolling.implicit_hypergradient(outer, v, X0, 1.0),
]
TAKE_A_METHOD = [
    lambda v: unrolling.iterates(v, f, X0, 1.0, 3),
    lambda v: unrolling.unroll(v, f, X0, 1.0, 3),
    lambda v: unrolling.jacobian_errors(v, RIDGE, X0, 1.0, 3),
    lambda v: unrolling.hypergradient(outer, v, f, X0, 1.0, 3),
    lambda v: unrolling.worst_case(v, 0.1, 1.0, 3, D=1, G=1),
]


def refused(error, name, came, call, *value):
    """``call`` raises ``error``, and its message has the argument's name and what came."""
    with pytest.raises(error, match=rf"^{re.escape(name)}.* must .*{re.escape(came)}") as caught:
        call(*value)
    assert "Tracer(" not in str(caught.value)


def every(*tables):
    return pytest.mark.parametrize(
        "name, call", [(name, call) for table in tables for name, calls in table.items() for call in calls]
    )


@every(SCALARS, ARRAYS, TREES)
def test_not_real_float64_numbers(name, call):
    for value, came in [("a", "<U1"), (1j, "complex128"), (True, "bool"), (np.ones(2, ">f4"), "float32")]:
        refused(TypeError, name, came, call, value)
    refused(TypeError, name, "float64, got float32", call, jnp.ones(2, jnp.float32))
    refused(TypeError, name, "[1, [2]]", call, [1, [2]])
    refused(TypeError, name, "masked", call, np.ma.array([1.0, 2.0], mask=[0, 1]))
    refused(TypeError, name, "csr_matrix", call, scipy.sparse.csr_matrix(np.eye(2)))
    refused(TypeError, name, "None", call, None)
    for value in (np.nan, np.inf, np.array([1.0, np.nan])):
        refused(ValueError, name, "finite", call, value)


@every(SCALARS, ARRAYS)
def test_trees_where_the_theory_wants_an_array(name, call):
    refused(TypeError, name, "dict", call, {"w": np.ones(2)})


@every(TREES)
def test_a_leaf_of_a_tree_is_named(name, call):
    refused(ValueError, f"{name}['w'][1]", "nan", call, {"w": [np.ones(2), np.nan]})


@every(SCALARS)
def test_numbers_out_of_range(name, call):
    refused(ValueError, name, "(2,)", call, np.ones(2))
    refused(ValueError, name, "-1.0", call, -1.0)
    if name in ("step_size", "ell", "L"):
        refused(ValueError, name, "0.0", call, 0.0)


@every(COUNTS)
def test_not_a_count(name, call):
    refused(ValueError, name, "-1", call, -1)
    for value in (2.5, True, None, np.ones(2), Fraction(2)):
        refused(TypeError, name, repr(value), call, value)


@pytest.mark.parametrize("call", TAKE_A_METHOD)
def test_not_a_method(call):
    for value in (0.1, None, (1, 2, 3), gradient_descent):
        refused(TypeError, "method", repr(value), call, value)
    refused(TypeError, "method.init", "got 1", call, Method(1, 2, 3))
    refused(TypeError, "method.iterate", "got 3", call, Method(GD.init, GD.step, 3))
    refused(TypeError, "method.step", "float()", call, Method(GD.init, lambda g, x: x - float(g(x).sum()), GD.iterate))
    for step in (lambda g, x: None, lambda g, x: (x, x), lambda g, x: x[:1], lambda g, x: x.astype(jnp.float32)):
        refused(TypeError, "method.step", "got", call, Method(GD.init, step, GD.iterate))
    for iterate in (lambda x: x[0], lambda x: x.astype(jnp.float32), lambda x: (x, x)):
        refused(TypeError, "method.iterate", "got", call, Method(GD.init, GD.step, iterate))


@pytest.mark.parametrize("call", [TAKE_A_METHOD[2], TAKE_A_METHOD[4]])
def test_a_method_that_adapts_where_coefficients_are_fixed(call):
    """Errors stand in rows there: a product of two gradients fails on them, or is one of all rows together."""

    def exact_line_search(gradient, x):
        g = gradient(x)
        return x - g @ g / (g @ jax.jvp(gradient, (x,), (g,))[1]) * g

    for step in (exact_line_search, lambda gradient, x: x - jnp.einsum("i,i", x, gradient(x)) * x):
        adapts = Method(GD.init, step, GD.iterate)
        assert unrolling.unroll(adapts, RIDGE, X0, 1.0, 3).jacobians.shape == (4, 2)
        refused(ValueError, "method", "got one that does not, as it fails on vectors that stand in rows", call, adapts)


@pytest.mark.parametrize("call", OBJECTIVES)
def test_not_a_scalar_objective(call):
    for value, came in [
        (lambda x, theta: x, "float64[2]"),
        (lambda x, theta: x.sum().astype(jnp.float32), "float32[]"),
        (lambda x, theta: 1j * x.sum(), "complex128[]"),
        (lambda x, theta: None, "None"),
        (lambda x, theta: (x.sum(), x), "'float64[2]'"),
        (lambda x, theta: {"loss": x}, "loss"),
        (lambda x, theta: 3, "int64[]"),
    ]:
        refused(ValueError, "f", came, call, value)
    refused(TypeError, "f", "got None", call, None)
    refused(TypeError, "f", "float()", call, lambda x, theta: x.sum() * float(theta))
    refused(TypeError, "f", "NumPy", call, lambda x, theta: np.sum(np.asarray(x)))


@pytest.mark.parametrize("call", OBJECTIVES[:3])
def test_no_finite_gradient_at_the_start(call):
    name = "outer" if call is OBJECTIVES[2] else "x0"
    refused(
        ValueError,
        name,
        "finite derivatives" if name == "x0" else "finite gradient",
        call,
        lambda x, theta: jnp.linalg.norm(x) * theta,
    )


@pytest.mark.parametrize(
    "said, call",
    [
        ("momentum must be at least 0 and less than 1, got 1.0", lambda: unrolling.momentum(0.1, 1.0)),
        ("ell must be at most L, got ell = 2.0 and L = 1.0", lambda: unrolling.nesterov(2.0, 1.0)),
        ("ell must be less than L, got ell = 1.0 and L = 1.0", lambda: unrolling.sobolev(1.0, 1.0)),
        ("alpha must be greater than -1/2, got -0.5", lambda: unrolling.sobolev(0.1, 1.0, -0.5)),
        (
            "step_size must be in (0, 2/L), where L = 4.0, got 0.5",
            lambda: unrolling.gradient_descent_bound(0.5, 0.1, 4.0, 3, D=1, G=1),
        ),
        ("start must be at most num_steps = 3, got 4", lambda: unrolling.unroll(GD, f, X0, 1.0, 3, start=4)),
        ("problem must be a Quadratic, got <function", lambda: unrolling.jacobian_errors(GD, f, X0, 1.0, 3)),
        ("outer must return a float64 scalar", lambda: unrolling.hypergradient(lambda x, t: x, GD, f, X0, 1.0, 3)),
        ("outer must be a function, got 1.0", lambda: unrolling.hypergradient(1.0, GD, f, X0, 1.0, 3)),
        ("hessian must be a function, got None", lambda: Quadratic(None, lambda theta: X0)),
        ("A must have shape (n, d), got (3,)", lambda: ridge(Y, Y)),
        ("y must have shape (3,) to fit A, got (2,)", lambda: ridge(A, X0)),
        ("A must give finite products A^T A", lambda: ridge(1e200 * A, Y)),
        ("theta must have shape () or (2,) to fit A, got (3,)", lambda: RIDGE.minimizer(Y)),
        ("x must have shape (2,) to fit the quadratic, got (3,)", lambda: RIDGE.gradient(Y, 1.0)),
        ("x0 must have shape (2,) to fit the quadratic, got (3,)", lambda: unrolling.unroll(GD, RIDGE, Y, 1.0, 3)),
        (
            "x0 must have shape (2,) to fit the quadratic, got (3,)",
            lambda: unrolling.jacobian_errors(GD, quadratic(np.eye(2)), Y, 1.0, 3),
        ),
        ("hessian(theta) must have shape (d, d)", lambda: quadratic(A).minimizer(1.0)),
        ("linear(theta) must have shape (2,) to fit", lambda: quadratic(np.eye(2), Y).minimizer(1.0)),
        (
            "hessian(theta) must be positive definite, got eigenvalues from -1 to 1",
            lambda: quadratic(np.diag([1.0, -1.0])).minimizer(1.0),
        ),
        (
            "hessian(theta) must be positive definite, got eigenvalues from 1e-14 to 1",
            lambda: unrolling.jacobian_errors(GD, quadratic(np.diag([1.0, 1e-14])), X0, 1.0, 3),
        ),
        ("dtype must be float32 or float64, got int64", lambda: unrolling.iterates(GD, f, X0, 1.0, 3, dtype=int)),
        (
            "dtype must be float64 for a Quadratic, got float32",
            lambda: unrolling.iterates(GD, RIDGE, [0.0, 0.0], 1.0, 3, dtype=jnp.float32),
        ),
        (
            "x0 must be float32, got float64",
            lambda: unrolling.iterates(GD, f, Frame(X0), 1.0, 3, dtype=jnp.float32),
        ),
        ("A must be float64, got float32", lambda: ridge(Frame(A.astype("float32")), Y)),
        ("A must be float64, got float32", lambda: ridge(list(A.astype("float32")), Y)),
        (
            "solve must be what neumann returns",
            lambda: unrolling.implicit_hypergradient(outer, f, X0, 1.0, solve=unrolling.neumann),
        ),
        ("hessian and linear must be made of JAX's", lambda: Quadratic(np.cov, lambda t: X0).minimizer(1.0)),
        ("num_steps must be a whole number", lambda: jax.jit(lambda n: unrolling.iterates(GD, f, X0, 1.0, n))(3)),
        ("x0 must be made of JAX's functions", lambda: unrolling.iterates(GD, f, lambda t: [float(t)], 1.0, 3)),
    ],
)
def test_what_is_said(said, call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("H", [np.zeros((2, 2)), -np.eye(2), np.ones((2, 2)), np.diag([1.0, 1e-14])], ids=str)
def test_a_hessian_that_is_not_positive_definite(H):
    """Where a solution is asked for; the iterates need none."""
    problem = quadratic(H)
    for call in (problem.minimizer, problem.jacobian, lambda t: unrolling.jacobian_errors(GD, problem, X0, t, 3)):
        with pytest.raises(ValueError, match=r"^hessian\(theta\) must be positive definite, got eigenvalues from"):
            call(1.0)
    assert unrolling.unroll(GD, problem, X0 + 1, 1.0, 3).jacobians.shape == (4, 2)


def test_a_method_that_diverges_says_how_far_it_came():
    """2^t overflows at t = 1024, and the Jacobian, with a factor t, a little earlier; under jit it is not finite."""
    fast = gradient_descent(3.0)
    steps = lambda T: unrolling.iterates(fast, f, np.ones(2), 0.5, T)  # noqa: E731
    assert np.isfinite(steps(1023)).all()
    for call, said in [
        (lambda: steps(1500), "from t = 1024 on the iterates"),
        (lambda: unrolling.unroll(fast, f, np.ones(2), 0.5, 1020), "on the jacobians"),
        (lambda: unrolling.residual_polynomials(fast, [0.0, 1.0], 2000), "from t = 1024 on the values"),
        (lambda: unrolling.jacobian_errors(fast, ridge(np.eye(2), np.ones(2)), X0, 0.0, 1500), "on the x"),
    ]:
        with pytest.raises(ValueError, match=f"^num_steps must be less than .* here, got .*{said}"):
            call()
    assert not np.isfinite(jax.jit(lambda x: unrolling.iterates(fast, f, x, 0.5, 1500))(np.ones(2))[-1]).any()


def test_what_is_an_array():
    """Whole numbers, other byte orders, lists and tables are; and one weight may stand in a list."""
    expected = unrolling.unroll(GD, f, np.array([1.0, 2.0]), 3.0, 2)
    for x0, theta in [([1, 2], 3), ((1.0, 2.0), np.int32(3)), (np.array([1, 2], ">f8"), np.array(3, ">i4"))]:
        for value, same in zip(unrolling.unroll(GD, f, x0, theta, 2), expected, strict=True):
            np.testing.assert_array_equal(value, same)
    np.testing.assert_array_equal(unrolling.iterates(GD, f, lambda t: np.array([1, 2]), 3, 2), expected.iterates)
    assert unrolling.unroll(GD, f, 1.0, [], 0).jacobians.shape == (1, 0)


def test_without_64_bits_it_says_what_to_do():
    with jax.enable_x64(False):
        for call in (lambda: unrolling.iterates(GD, f, [1.0], 1.0, 2), lambda: RIDGE.minimizer(1.0)):
            with pytest.raises(TypeError, match="64-bit mode is off: say jax.config.update"):
                call()
        single = unrolling.iterates(gradient_descent(0.1), f, [1.0], 0.5, 2, dtype=jnp.float32)
    np.testing.assert_allclose(single.ravel(), [1, 0.9, 0.81], rtol=1e-6)


def test_where_values_are_not_known_they_are_not_looked_at():
    rate = lambda ell, L: unrolling.residual_polynomials(unrolling.chebyshev(ell, L), 1.0, 3).values  # noqa: E731
    both = rate(0.1, 1.0)
    for of, ends in [((0, None), (np.array([0.1]), 1.0)), ((None, 0), (0.1, np.array([1.0])))]:
        np.testing.assert_allclose(jax.jit(jax.vmap(rate, of))(*ends)[0], both, rtol=1e-12)
    step = jax.jit(lambda h: unrolling.residual_polynomials(gradient_descent(h), 1.0, 3).values)
    np.testing.assert_allclose(step(-0.5), 1.5 ** np.arange(4), rtol=1e-15)
