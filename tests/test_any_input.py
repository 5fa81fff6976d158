"""Any input gives finite and correct results, or a TypeError or ValueError whose message begins with the argument.

So no NaN passes in silence, JAX never speaks of tracers, and nothing hangs. What a function of the caller raises by
itself (f, x0, outer, the parts of a `Method`) goes through as it is. Three rules say what "finite" means where floats
end:

* Constants of methods and bounds have a modulus between 1e-100 and 1e100, or zero where zero makes sense. Arrays may
  have any finite values.
* Where a method diverges so far that an iterate, an error or a derivative overflows, ValueError says from which t on:
  after the infinity of an overflow would come NaN. (Inside ``jax.jit`` values are not known, and it does come.)
* What is smaller than 1e-150 may be taken for zero, as the square of it is.

The fast profile runs in ``make test``. ``HYPOTHESIS_PROFILE=nightly``, in ``make test-all``, tries more than 10^5
examples, other ones every time. Few shapes and few functions are used, so that JAX compiles little.
"""

import re
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import unrolling
from unrolling.figures import images, panel, plot

T = 7
GD = unrolling.gradient_descent(0.1)
RARELY = settings(max_examples=max(settings.default.max_examples // 20, 10))  # for what takes long, as a picture does

# Numbers of all sizes, but most of the kind that leads on.
numbers = st.one_of(st.floats(0, 2), st.floats(-10, 10), st.integers(-3, 3), st.floats(), st.sampled_from([0.0, -0.0]))
WRONG = [None, "a", b"a", True, 1j, Decimal(1), Fraction(1, 2), 10**400, ..., {}, {1.0}, object(), [1, [2]], [], [None]]
WRONG += [np.float32(1), np.ones(2, np.float32), np.ones(2, complex), np.array(["a"]), np.array([None, 1.0], object)]
WRONG += [np.ones(2, bool), np.datetime64("2020"), jnp.ones(2, jnp.float32), np.ones(2, np.longdouble), np.ones((2, 0))]
wrong = st.sampled_from(WRONG)


def array(*shape, elements=numbers):
    return arrays(float, shape, elements=elements.map(float), fill=st.nothing())


def mostly(good, other=wrong):
    """Nine times of ten from ``good``: one bad argument hides what the others lead to."""
    return st.integers(0, 9).flatmap(lambda i: other if i == 9 else good)


scalars = mostly(numbers, st.one_of(wrong, array(2)))
# A count that is neither small nor refused is a long time of honest work.
unwelcome = st.integers(max_value=-1) | st.integers(2**31 - 1) | st.floats() | wrong
counts = mostly(st.just(T), unwelcome)
vectors = mostly(
    st.one_of(array(2), array(2, elements=st.floats(-3, 3))), st.one_of(wrong, array(), array(3), array(2, 2))
)
parameters = mostly(st.one_of(array(), array(2)), st.one_of(wrong, array(0), array(1, 1)))


def refused_or(names, call):
    """What ``call`` gives, as NumPy's arrays; None when it refuses one of the arguments by name."""
    try:
        result = call()
    except (TypeError, ValueError) as error:
        assert re.match(rf"({names})(?!\w).* must ", str(error), re.DOTALL), error
        assert not isinstance(error, jax.errors.JAXTypeError)
        return None
    for value in jax.tree.leaves(result):
        assert np.isfinite(value).all(), result
    return jax.tree.map(np.asarray, result)


def is_plain(*values, most=1e3):
    """Whether no value is so large that the comparison with a formula would have to think of overflow."""
    return all(np.abs(value).max(initial=0) <= most for value in values)


def close(actual, expected, rtol=0, atol=0):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol + 1e-150)


def descent(h, c, dc, x0):
    """x_t and dx_t of gradient descent on c(theta) |x|^2 / 2, in closed form; and how large their terms are."""
    t = np.arange(T + 1).reshape(-1, *[1] * np.ndim(x0))
    xs, slopes = (1 - h * c) ** t * x0, -h * t * (1 - h * c) ** np.maximum(t - 1, 0) * x0
    return xs, np.multiply.outer(slopes, dc), ((1 + abs(h * c)) ** T * (1 + T * abs(h)) * (1 + np.abs(dc).sum())) * T


def bowl(x, theta):
    return (3 + jnp.cos(theta).sum()) * (x**2).sum() / 2


@given(name=st.sampled_from(["gradient_descent", "momentum", "nesterov", "chebyshev", "sobolev"]), data=st.data())
@example("sobolev", None).via("the end of the range")
def test_methods(name, data):
    """P_t(0) = 1 at every t, and Chebyshev's |P_t| is at most 1 on [ell, L]."""
    count = {"gradient_descent": 1, "sobolev": 4}.get(name, 2)
    values = [1e-100, 1e100, 1e100, 0] if data is None else [data.draw(scalars) for _ in range(count)]
    names = "step_size|momentum|ell|L|alpha|eta"
    method = refused_or(names, lambda: getattr(unrolling, name)(*values))
    if method is None:
        return
    end = 1 / values[0] if count == 1 or name == "momentum" else float(values[1])
    P = refused_or("num_steps", lambda: unrolling.residual(getattr(unrolling, name)(*values), T)(np.array([0, end])))
    close(P[:, 0], 1, atol=1e-13)
    if name in ("gradient_descent", "chebyshev"):
        assert np.abs(P).max() <= 1 + 1e-13


@given(h=st.floats(0.001, 2), num_steps=counts, lam=st.one_of(vectors, parameters))
def test_residual(h, num_steps, lam):
    method = unrolling.gradient_descent(h)
    P = refused_or("num_steps|lam", lambda: unrolling.residual(method, num_steps)(lam))
    both = refused_or("num_steps|lam", lambda: unrolling.residual_and_derivative(method, num_steps)(lam))
    if both is not None:
        lam = np.asarray(lam)
        assert both[0].shape == both[1].shape == (T + 1, *np.shape(lam))
        close(P, both[0], rtol=1e-13, atol=0)
        if is_plain(lam):
            t = np.arange(T + 1).reshape(-1, *[1] * np.ndim(lam))
            bound = 1e-14 * T * (1 + h * np.abs(lam).max(initial=0)) ** T
            close(P, (1 - h * lam) ** t, atol=bound)
            slope = -h * t * (1 - h * lam) ** np.maximum(t - 1, 0)
            close(both[1], slope, atol=bound * T)


@given(
    h=st.floats(0.001, 2),
    x0=vectors,
    theta=parameters,
    num_steps=counts,
    start=mostly(st.just(0), st.integers(0, T) | unwelcome),
)
def test_iterates_and_unroll(h, x0, theta, num_steps, start):
    method = unrolling.gradient_descent(h)
    xs = refused_or("x0|theta|num_steps", lambda: unrolling.iterates(method, bowl, x0, theta, num_steps))
    names = "x0|theta|num_steps|start"
    both = refused_or(names, lambda: unrolling.unroll(method, bowl, x0, theta, num_steps, start))
    if xs is None:
        assert both is None
    if both is None:
        return
    assert both[0].shape == (T + 1, *np.shape(x0)) and both[1].shape == both[0].shape + np.shape(theta)
    close(both[0], xs, rtol=1e-12, atol=0)
    if is_plain(x0, theta) and start == 0:
        expected, slopes, size = descent(h, 3 + np.cos(theta).sum(), -np.sin(theta), np.asarray(x0))
        atol = 1e-14 * size * np.abs(x0).max(initial=0)
        close(xs, expected, atol=atol)
        close(both[1], slopes, atol=atol)


def outer(x, theta):
    return x.sum() + theta.sum()


@given(h=st.floats(0.001, 2), x0=vectors, theta=parameters, num_steps=counts, checkpoint=mostly(st.booleans()))
def test_hypergradient(h, x0, theta, num_steps, checkpoint):
    method = unrolling.gradient_descent(h)
    call = lambda: unrolling.hypergradient(outer, method, bowl, x0, theta, num_steps, checkpoint)  # noqa: E731
    gradient = refused_or("x0|theta|num_steps|checkpoint|outer", call)
    if gradient is None:
        return
    assert gradient.shape == np.shape(theta)
    if is_plain(x0, theta):
        _, slopes, size = descent(h, 3 + np.cos(theta).sum(), -np.sin(theta), np.asarray(x0))
        through_x = slopes[T].sum(tuple(range(np.ndim(x0))))
        close(gradient, through_x + 1, atol=1e-13 * (1 + size * np.abs(x0).sum()))


# H = [[a, b], [b, c]], plus, below its diagonal, what makes it not symmetric and has no derivative.
ENTRIES = np.array([[[1.0, 0], [0, 0]], [[0, 1.0], [1.0, 0]], [[0, 0], [0, 1.0]]])
BELOW = np.array([[0.0, 0.0], [1.0, 0.0]])
FREE = unrolling.Quadratic(
    lambda theta: jnp.tensordot(theta[:3], ENTRIES, 1) + jax.lax.stop_gradient(theta[5]) * BELOW,
    lambda theta: theta[3:5],
)
skews = st.one_of(st.just(0.0), st.just(0.0), numbers)
matrices = st.tuples(array(5, elements=st.floats(-3, 3)) | array(5), skews).map(lambda t: np.append(*t))
definite = array(5, elements=st.floats(0.1, 3)).map(lambda theta: np.append(theta, 0) * [1, 0.03, 1, 1, 1, 0])
free = mostly(st.one_of(matrices, definite), st.sampled_from(WRONG[:12]))


def expectation(theta):
    """H, b, and whether H is definite: True, False, or None when too close to say."""
    H = np.tensordot(theta[:3], ENTRIES, 1)
    H[1, 0] += theta[5]
    size = np.abs(H).max()
    with np.errstate(all="ignore"):
        asymmetry, (smallest, _) = abs(theta[5]) / size, np.linalg.eigvalsh(H) / size
    if not np.isfinite(smallest):
        return H, theta[3:5], None
    yes, no = asymmetry < 1e-10 and smallest > 1e-6, asymmetry > 1e-8 or smallest < -1e-6
    return H, theta[3:5], True if yes else False if no else None


def is_array(theta):
    return isinstance(theta, np.ndarray) and theta.dtype == float and theta.shape == (6,) and np.isfinite(theta).all()


ARGUMENTS = r"theta|x|x0|hessian\(theta\)|linear\(theta\)"


@given(theta=free, x=vectors)
def test_quadratic(theta, x):
    """The minimizer and its Jacobian solve their equations, and H is refused when, and only when, it should be."""
    names = r"theta|x|hessian\(theta\)|linear\(theta\)|hessian|linear"
    value = refused_or(names, lambda: FREE(x, theta))
    gradient = refused_or(names, lambda: FREE.gradient(x, theta))
    minimizer = refused_or(names, lambda: FREE.minimizer(theta))
    jacobian = refused_or(names, lambda: FREE.jacobian(theta))
    if not is_array(theta):
        assert value is gradient is minimizer is jacobian is None
        return
    H, b, is_definite = expectation(theta)
    if is_plain(theta) and is_definite is not None:
        assert is_definite == (minimizer is not None)
    if minimizer is not None and jacobian is not None and is_plain(theta):
        assert minimizer.shape == (2,) and jacobian.shape == (2, 6)
        size = np.abs(H).max() * np.abs(minimizer).max() + np.abs(b).max()
        close(H @ minimizer, -b, atol=1e-13 * size)
        cross = np.column_stack([*(ENTRIES @ minimizer), *np.eye(2), np.zeros(2)])
        size = np.abs(H).max() * np.abs(jacobian).max() + np.abs(cross).max()
        close(H @ jacobian, -cross, atol=1e-11 * size)
    if gradient is not None and value is not None and is_plain(theta, x) and theta[5] == 0:
        close(gradient, H @ x + b, atol=1e-12 * (np.abs(H) @ np.abs(x) + np.abs(b)).max())
        close(value, x @ H @ x / 2 + b @ x, atol=1e-12 * (1 + np.abs(H).sum()) * (1 + x @ x) * 100)


@given(h=st.floats(0.001, 2), theta=free, x0=vectors, num_steps=counts)
def test_jacobian_errors(h, theta, x0, num_steps):
    """Against the loop e <- (I - hH) e, E <- (I - hH) E - h dH e."""
    method = unrolling.gradient_descent(h)
    call = lambda: unrolling.jacobian_errors(method, FREE, x0, theta, num_steps)  # noqa: E731
    errors = refused_or(ARGUMENTS + "|num_steps|hessian", call)
    if errors is None:
        return
    assert errors[0].shape == errors[1].shape == (T + 1,)
    H, b, is_definite = expectation(theta)
    assert is_definite is not False
    if is_definite and is_plain(theta, x0):
        e = np.asarray(x0) + np.linalg.solve(H, b)
        E = np.linalg.solve(H, np.column_stack([*(ENTRIES @ (np.asarray(x0) - e)), *np.eye(2)]))
        expected = []
        for _ in range(T + 1):
            expected.append((np.linalg.norm(e), np.linalg.norm(E)))
            E = E - h * (H @ E + np.column_stack([*(ENTRIES @ e), *np.zeros((2, 2))]))
            e = e - h * H @ e
        condition = np.linalg.cond(H) ** 2 * (1 + h * np.abs(H).sum()) ** T * (1 + 1 / np.abs(H).max())
        atol = 1e-14 * T * condition * (1 + np.abs(b).max() + np.abs(x0).max())
        close(np.transpose(errors), expected, rtol=1e-10, atol=atol * (1 + 1 / np.abs(H).max()))


@given(x=vectors, theta=parameters)
def test_argmin_jacobian(x, theta):
    """Of c(theta) |x|^2 / 2 it is -x dc / c at every x."""
    jacobian = refused_or("f|x|theta", lambda: unrolling.argmin_jacobian(bowl, x, theta))
    if jacobian is not None:
        assert jacobian.shape == np.shape(x) + np.shape(theta)
        if is_plain(theta, x):
            c = 3 + np.cos(theta).sum()
            close(jacobian, np.multiply.outer(x, np.sin(theta)) / c, atol=1e-11, rtol=1e-12)


@given(A=mostly(array(3, 2), vectors), y=mostly(array(3), vectors), theta=parameters, x=vectors)
def test_ridge(A, y, theta, x):
    """The gradient A^T (A x - y) + theta x; at the minimizer it is zero."""
    problem = refused_or("A|y", lambda: (unrolling.ridge(A, y), 0)[1])
    if problem is None:
        return
    problem = unrolling.ridge(A, y)
    gradient = refused_or(ARGUMENTS, lambda: problem.gradient(x, theta))
    minimizer = refused_or(ARGUMENTS, lambda: problem.minimizer(theta))
    if np.shape(A) != (3, 2) or not is_plain(A, y):
        return
    A, y = np.asarray(A, float), np.asarray(y, float)
    if gradient is not None and is_plain(x, theta):
        expected = A.T @ (A @ x - y) + theta * np.asarray(x)
        size = (np.abs(A).sum() ** 2 + np.abs(theta).max()) * (np.abs(x).sum()) + np.abs(A).sum() * np.abs(y).sum()
        close(gradient, expected, atol=1e-13 * size)
    if minimizer is not None and is_plain(theta):
        size = (np.abs(A).sum() ** 2 + np.abs(theta).max()) * np.abs(minimizer).sum() + np.abs(A).sum() * np.abs(
            y
        ).sum()
        residue = A.T @ (A @ minimizer - y) + theta * minimizer
        close(residue, 0, atol=1e-12 * size)


spectra = mostly(st.tuples(numbers, numbers).map(lambda ends: sorted(map(abs, ends))), st.tuples(scalars, scalars))
LONG = np.longdouble  # no longer than a float on some machines: the comparison is then with the same rounding


@given(h=scalars, spectrum=spectra, num_steps=counts, D=scalars, G=scalars)
def test_gradient_descent_bound(h, spectrum, num_steps, D, G):
    names = "step_size|ell|num_steps|L|jacobian_error|cross_derivative"
    call = lambda: unrolling.gradient_descent_bound(h, *spectrum, num_steps, D, G)  # noqa: E731
    bound = refused_or(names, call)
    if bound is not None:
        ell, L = map(LONG, spectrum)
        t = np.arange(T + 1)[:, None]
        u = LONG(h) * np.array([ell, L])
        decrease = np.abs(1 - u) ** np.maximum(t - 1, 0)
        expected = (decrease * (1 + (t - 1) * u)).max(1) * LONG(D) + (decrease * LONG(h) * t).max(1) * LONG(G)
        expected[0] = D
        close(bound, expected.astype(float), rtol=1e-9, atol=1e-12 * (float(D) + float(h * G)))


@given(spectrum=spectra, num_steps=counts, D=scalars, G=scalars)
@example((1 - 2**-50, 1.0), T, 1.0, 1.0)
def test_chebyshev_bound(spectrum, num_steps, D, G):
    names = "ell|num_steps|L|jacobian_error|cross_derivative"
    call = lambda: unrolling.chebyshev_bound(*spectrum, num_steps, D, G)  # noqa: E731
    bound = refused_or(names, call)
    if bound is not None:
        ell, L = map(LONG, spectrum)
        t = np.arange(T + 1)
        xi = (L - ell) / (np.sqrt(L) + np.sqrt(ell)) ** 2
        decrease = 2 * xi**t / (1 + xi ** (2 * t))
        expected = decrease * (np.abs(2 * t**2 / (1 - ell / L) - 1) * LONG(D) + 2 * t**2 / (L - ell) * LONG(G))
        close(bound, expected.astype(float), rtol=1e-12, atol=1e-300)


def concrete(x, theta):
    return x.sum() if float(theta) > 0 else theta


FUNCTIONS = [bowl, concrete, jnp.asarray(1.0), "f", None, lambda x, theta: x, lambda x, theta: None]
FUNCTIONS += [lambda x, theta: np.sum(np.asarray(x)), lambda x, theta: jnp.nan * x.sum(), lambda x, theta: 1j * x.sum()]
FUNCTIONS += [lambda x, theta: jnp.sqrt(x).sum() * theta, lambda x, theta: jnp.sqrt(theta) * (x**2).sum()]
STARTS = [np.zeros(2), np.ones(2), lambda theta: np.ones(2, int), lambda theta: jnp.ones(2) * jnp.sqrt(theta)]
STARTS += [lambda theta: np.ones(2) * float(theta), lambda theta: None, lambda theta: jnp.nan * jnp.ones(2)]
STEPS = [
    lambda g, x: x - 0.1 * g(x),
    lambda g, x: None,
    lambda g, x: x.astype(jnp.float32),
    3,
    lambda g, x: x - np.asarray(g(x)),
]
READS = [lambda x: x, lambda x: x.sum(), lambda x: x.astype(jnp.float32), None]
METHODS = [GD, None, "GD", unrolling.gradient_descent, (1, 2, 3)]
METHODS += [unrolling.Method(lambda x: x, step, read) for step in STEPS[:4] for read in READS]
A_FEW = st.sampled_from([0.0, 0.5, 1.0])


@RARELY
@given(
    f=mostly(st.just(bowl), st.sampled_from(FUNCTIONS)),
    outer=mostly(st.just(outer), st.sampled_from(FUNCTIONS)),
    x0=mostly(st.just(STARTS[1]), st.sampled_from(STARTS)),
    method=mostly(st.just(GD), st.sampled_from(METHODS)),
    theta=A_FEW,
)
def test_functions(f, outer, x0, method, theta):
    """Those that return other things, ask for the numbers, have no derivative, or are no functions."""
    names = r"f|x0|outer|num_steps|method(\.init|\.step|\.iterate)?"
    for call in (
        lambda: unrolling.iterates(method, f, x0, theta, 2),
        lambda: unrolling.unroll(method, f, x0, theta, 2),
        lambda: unrolling.hypergradient(outer, method, f, x0, theta, 2),
        lambda: unrolling.argmin_jacobian(f, np.ones(2), theta),
    ):
        refused_or(names, call)


HESSIANS = [lambda theta: np.eye(2), lambda theta: jnp.eye(2) * theta, lambda theta: np.eye(2, dtype=int)]
HESSIANS += [lambda theta: np.eye(2) * np.asarray(theta), lambda theta: np.eye(2) * float(theta), lambda theta: None]
HESSIANS += [lambda theta: jnp.eye(2) * jnp.sqrt(theta), lambda theta: jnp.ones(2), lambda theta: jnp.ones((2, 2)), 3]
LINEARS = [lambda theta: np.ones(2), lambda theta: np.ones(2, int), lambda theta: theta * jnp.ones(2), "b"]
LINEARS += [
    lambda theta: float(theta) * np.ones(2),
    lambda theta: np.ones(3),
    lambda theta: jnp.sqrt(theta) * jnp.ones(2),
]


@RARELY
@given(hessian=st.sampled_from(HESSIANS), linear=mostly(st.just(LINEARS[0]), st.sampled_from(LINEARS)), theta=A_FEW)
def test_functions_of_a_quadratic(hessian, linear, theta):
    names = r"hessian|linear|hessian\(theta\)|linear\(theta\)|theta|num_steps|f|outer"
    for call in (
        lambda problem: problem.minimizer(theta),
        lambda problem: problem.jacobian(theta),
        lambda problem: unrolling.iterates(GD, problem, np.ones(2), theta, 2),
        lambda problem: unrolling.unroll(GD, problem, np.ones(2), theta, 2),
        lambda problem: unrolling.jacobian_errors(GD, problem, np.ones(2), theta, 2),
        lambda problem: unrolling.hypergradient(outer, GD, problem, np.ones(2), theta, 2),
        lambda problem: unrolling.argmin_jacobian(problem, np.ones(2), theta),
    ):
        refused_or(names, lambda call=call: call(unrolling.Quadratic(hessian, linear)))


texts = mostly(st.text("aβλ⋆ₜ $\\{}_^%#<&>'\"\n\x00\x1b\ud800", max_size=8))
data = st.one_of(array(3), array(3, elements=st.floats(0.1, 2)), st.lists(numbers, max_size=4))
curves = mostly(data | st.tuples(data, data), wrong | array(2, 2))
panels = st.fixed_dictionaries(
    {"title": texts, "curves": mostly(st.dictionaries(texts.filter(lambda t: isinstance(t, str)), curves, max_size=2))},
    optional={
        "bounds": mostly(st.dictionaries(st.sampled_from("aβ"), curves, max_size=2)),
        "ylabel": texts,
        "xlabel": texts,
        "log": mostly(st.sampled_from(["", "x", "y", "xy"])),
        "floor": scalars,
        "marks": mostly(st.dictionaries(st.just("m"), scalars, max_size=1)),
    },
)
PANEL = r"title|ylabel|xlabel|curves?|bounds|marks?|floor|log"


@given(panels)
def test_panel(options):
    refused_or(PANEL, lambda: (panel(**{"ylabel": "y"} | options), 0)[1])


@RARELY
@given(st.lists(panels | st.just({"title": "t", "curves": {"a": [1.0, 2.0]}}), max_size=2), mostly(st.none()))
def test_plot(options, other):
    """A picture is well-formed, and warns of nothing: a warning is an error here."""
    try:
        drawn = [panel(**{"ylabel": "y"} | each) for each in options] + ([other] if other is not None else [])
        picture = plot(*drawn)
    except (TypeError, ValueError) as error:
        assert re.match(rf"({PANEL}|panels)(?!\w).* must ", str(error), re.DOTALL), error
        return
    ElementTree.fromstring(picture.svg)
    assert not re.search(r"\b(nan|inf)\b", picture.alt)


stacks = mostly(array(1, 2, 2, elements=st.floats(-2, 2)), array(1, 2, 2) | array(2, 2) | wrong)


@RARELY
@given(
    rows=mostly(st.dictionaries(texts.filter(lambda text: isinstance(text, str)), stacks, max_size=2)),
    captions=mostly(st.none() | texts.map(lambda text: [text])),
    largest=mostly(st.none() | numbers),
)
def test_images(rows, captions, largest):
    drawn = []
    refused_or("rows?|captions|largest", lambda: drawn.append(images(rows, captions, largest=largest)))
    for picture in drawn:
        ElementTree.fromstring(picture.svg)
        assert not re.search(r"\b(nan|inf)\b", picture.svg)
