"""A function is what it is at the call: nothing that it read before stays, and no new number compiles anything."""

import pickle
import subprocess
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.experimental.ode import odeint
from jax.tree_util import Partial

import unrolling
from unrolling._programs import compiled, read

RNG = np.random.default_rng(5)
GD = unrolling.gradient_descent(0.1)
X0, THETA = np.array([1.0, -2.0]), np.array([0.3, 0.4])
OWN = unrolling.Method(lambda x: x, lambda gradient, x: x - 0.1 * gradient(x), lambda x: x)


class Reads:
    """A number that every kind of function may read: from an attribute, a closure or an array changed in place."""

    def __init__(self):
        self.number, self.array = 2.0, np.array([1.0, 2.0])

    def objective(self, x, theta):
        return (self.number * (x - theta) ** 2 * self.array).sum() / 2 + (theta * x**2).sum()

    def outer(self, x, theta):
        return (self.array * x**2).sum() * self.number

    def start(self, theta):
        return self.array * theta * self.number

    def hessian(self, theta):
        return jnp.diag(self.number * self.array + theta)

    def linear(self, theta):
        return -self.number * self.array * theta

    def step(self, gradient, x):
        return x - 0.1 / self.number * self.array * gradient(x)


def plain(x, theta):
    return ((x - theta) ** 2).sum() / 2


CALLS = {
    "iterates": lambda r: unrolling.iterates(GD, r.objective, X0, THETA, 3),
    "unroll": lambda r: unrolling.unroll(GD, r.objective, r.start, THETA, 3),
    "late start": lambda r: unrolling.unroll(GD, r.objective, r.start, THETA, 3, start=2),
    "step": lambda r: unrolling.unroll(unrolling.Method(OWN.init, r.step, OWN.iterate), plain, X0, THETA, 3),
    "hypergradient": lambda r: unrolling.hypergradient(r.outer, GD, r.objective, r.start, THETA, 3),
    "argmin_jacobian": lambda r: unrolling.argmin_jacobian(r.objective, X0, THETA),
    "implicit_hypergradient": lambda r: unrolling.implicit_hypergradient(r.outer, r.objective, X0, THETA),
    "minimizer": lambda r: unrolling.Quadratic(r.hessian, r.linear).minimizer(THETA),
    "jacobian": lambda r: unrolling.Quadratic(r.hessian, r.linear).jacobian(THETA),
    "jacobian_errors": lambda r: unrolling.jacobian_errors(
        GD, unrolling.Quadratic(r.hessian, r.linear), r.start, THETA, 3
    ),
    "errors of a method": lambda r: unrolling.jacobian_errors(
        unrolling.Method(OWN.init, lambda g, x: x - 0.1 / r.number * g(x), OWN.iterate),
        unrolling.Quadratic(r.hessian, r.linear),
        X0,
        THETA,
        3,
    ),
    "quadratic": lambda r: unrolling.unroll(GD, unrolling.Quadratic(r.hessian, r.linear), X0, THETA, 3),
}


@pytest.fixture
def compilations():
    """A list that grows with everything that XLA compiles."""
    seen = []

    def listen(name, *_, **__):
        if name.endswith("backend_compile_duration"):
            seen.append(name)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield seen
    jax.monitoring.clear_event_listeners()


@pytest.mark.parametrize("name", CALLS)
def test_what_a_function_reads_is_read_at_every_call(name, compilations):
    """Attributes, floats and arrays that were changed in place: the answer is that of a function made then."""
    reads, call = Reads(), CALLS[name]
    before = call(reads)
    reads.number, reads.array[:] = 3.0, [2.0, 0.5]
    compilations.clear()
    after = call(reads)
    assert compilations == []
    fresh = Reads()
    fresh.number, fresh.array = 3.0, np.array([2.0, 0.5])
    jax.tree.map(np.testing.assert_array_equal, after, call(fresh))
    assert not np.allclose(jax.tree.leaves(before)[-1], jax.tree.leaves(after)[-1])


def test_a_ridge_problem_whose_arrays_change_stays_one_problem():
    problem = unrolling.ridge(np.eye(2), np.ones(2))
    problem.minimizer(1.0)
    problem.moment *= 5
    x_star = problem.minimizer(1.0)
    np.testing.assert_allclose(x_star, [2.5, 2.5])
    np.testing.assert_allclose(problem.gradient(x_star, 1.0), 0, atol=1e-15)
    np.testing.assert_allclose(unrolling.iterates(unrolling.gradient_descent(0.5), problem, X0, 1.0, 60)[-1], x_star)


def test_a_partial_of_what_reads_is_read():
    """Of the library's own functions only those are known that read nothing but their arguments."""
    reads = Reads()
    problem = unrolling.Quadratic(reads.hessian, reads.linear)
    for x0, f in [(Partial(problem.minimizer), plain), (X0, Partial(problem)), (X0, Partial(reads.objective))]:
        before = unrolling.iterates(GD, f, x0, THETA, 2)
        reads.number += 1
        assert not np.allclose(before, unrolling.iterates(GD, f, x0, THETA, 2))


def folds(n):
    for _ in range(n):
        yield RNG.standard_normal((6, 2)), RNG.standard_normal(6)


LOOPS = {
    "ridge": lambda A, y: unrolling.jacobian_errors(GD, unrolling.ridge(A, y), X0, 1.0, 5).jacobian,
    "closure": lambda A, y: unrolling.unroll(GD, lambda x, theta: optax.l2_loss(theta * A @ x, y).mean(), X0, 1.0, 5)[
        1
    ],
    "jitted": lambda A, y: unrolling.iterates(GD, jax.jit(lambda x, theta: ((A @ x - y) ** 2).sum()), X0, 1.0, 5),
    "a rule of its own": lambda A, y: unrolling.iterates(
        GD, lambda x, theta: jnp.logaddexp(0, A @ x - y).sum() + jax.nn.relu(A @ x).sum(), X0, 1.0, 5
    ),
    "a float": lambda A, y: unrolling.hypergradient(
        plain, GD, lambda x, theta, c=float(y[0]): c * ((x - theta) ** 2).sum(), X0, 1.0, 5
    ),
    "a solver": lambda A, y: unrolling.implicit_hypergradient(
        plain,
        lambda x, theta: ((A @ x) ** 2).sum() + theta * (x**2).sum(),
        X0,
        1.0,
        solve=unrolling.conjugate_gradients(),
    ),
    "under grad": lambda A, y: jax.grad(
        lambda theta: unrolling.iterates(GD, lambda x, t: (jax.nn.softplus(A @ x) * t).sum(), X0, theta, 5).sum()
    )(1.0),
}


@pytest.mark.parametrize("name", LOOPS)
def test_other_data_of_the_same_form_compile_nothing(name, compilations):
    call = LOOPS[name]
    for A, y in folds(2):
        call(A, y)
    compilations.clear()
    results = [call(A, y) for A, y in folds(3)]
    assert compilations == []
    assert not np.allclose(results[0], results[1])


def test_a_program_is_that_of_its_instructions():
    """Equal for what differs in numbers only; another one for another instruction, shape, exponent or rule."""

    @jax.custom_jvp
    def ruled(x):
        return jnp.sin(x)

    @jax.custom_jvp
    def other(x):
        return jnp.sin(x)

    ruled.defjvp(lambda xs, dxs: (ruled(*xs), jnp.cos(xs[0]) * dxs[0]))
    other.defjvp(lambda xs, dxs: (other(*xs), 2 * jnp.cos(xs[0]) * dxs[0]))
    turned = lambda f: lambda x: jax.lax.fori_loop(0, 3, lambda _, y: f(y), x)  # noqa: E731
    same = [lambda x: 2.0 * x, lambda x: 3.0 * x, lambda x: jax.jit(lambda y: y * 4.0)(x) if False else 5.0 * x]
    programs = [read("f", f, jnp.ones(2)).func for f in same]
    assert programs[0] == programs[1] == programs[2] and hash(programs[0]) == hash(programs[1])
    different = [lambda x: 2.0 + x, lambda x: x**2.5, lambda x: x**3.5, lambda x: jnp.tile(x, 2), ruled, other]
    different += [turned(lambda y: y + 1), turned(lambda y: y + 2), turned(ruled), turned(other), lambda x: x[0], sum]
    programs += [read("f", f, jnp.ones(2)).func for f in different]
    programs += [read("f", same[0], jnp.ones(3)).func, read("f", same[0], np.ones(2, np.float32)).func]
    assert len(set(programs)) == len(different) + 3


def test_a_rule_of_differentiation_is_read_too(compilations):
    """Its numbers too: the derivative of each f below is c cos(x), which only its rule says."""

    def with_rule(c):
        f = jax.custom_jvp(lambda x: jnp.sin(x))
        f.defjvp(lambda xs, dxs: (jnp.sin(*xs), c * jnp.cos(xs[0]) * dxs[0]))
        return lambda x, theta: f(x).sum() * theta

    for c in (1.0, 2.0, np.array([1.0, 3.0])):
        step = unrolling.iterates(GD, with_rule(c), X0, 1.0, 1)
        np.testing.assert_allclose(step[1], X0 - 0.1 * c * np.cos(X0), rtol=1e-14)

    def backwards(c):
        """It reads an array of its own, which its rule is not for."""
        f = jax.custom_vjp(lambda x: c * x)
        f.defvjp(lambda x: (c * x, x), lambda x, dy: (3 * c * x * dy,))
        return lambda x, theta: f(x).sum()

    for c in (np.array([1.0, 2.0]), np.array([3.0, 4.0])):
        step = unrolling.iterates(GD, backwards(c), X0, 1.0, 1)
        np.testing.assert_allclose(step[1], X0 - 0.3 * c * X0, rtol=1e-14)


def exponential(inner=None, factor=1.0):
    """exp, and a rule for it that calls ``inner``, or exp itself with this rule."""
    f = jax.custom_jvp(lambda x: jnp.exp(x))
    f.defjvp(lambda xs, dxs: (jnp.exp(*xs), factor * (inner or f)(*xs) * dxs[0]))
    return f


def without_derivative():
    f = jax.custom_jvp(lambda x: jnp.exp(x))
    f.defjvp(lambda xs, dxs: (jnp.exp(*xs), 0 * dxs[0]))
    return f


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def sine(n, x):
    """sin(x + n pi / 2), whose rule calls the next."""
    return jnp.sin(x + n * jnp.pi / 2)


sine.defjvp(lambda n, xs, dxs: (sine(n, *xs), sine(n + 1, *xs) * dxs[0]))


def noisy(key):
    f = jax.custom_jvp(lambda x: x)
    f.defjvp(lambda xs, dxs: (*xs, dxs[0] + 0 * jax.random.normal(key)))
    return f


@pytest.mark.parametrize(
    "functions",
    [
        [exponential(), exponential(without_derivative()), exponential(exponential(factor=2.0))],
        [partial(sine, 0), partial(sine, 1)],
        [noisy(jax.random.key(1)), noisy(jax.random.key(2))],
        [lambda x: odeint(lambda y, s: -y, x, jnp.array([0.0, 1.0]))[-1]],
    ],
    ids=["rules of rules", "a chain of rules", "a key", "an equation solver"],
)
def test_rules_that_call_rules(functions):
    """Equal values and first derivatives, but other second ones; chains without end; rules that read keys."""
    for f in functions:
        objective = lambda x, theta, f=f: (f(x * theta) + theta * x**2).sum()  # noqa: E731
        gradient = unrolling.hypergradient(lambda x, theta: x.sum(), GD, objective, X0, 0.7, 3)

        def by_hand(theta, objective=objective):
            x = jnp.asarray(X0)
            for _ in range(3):
                x = x - 0.1 * jax.grad(objective)(x, theta)
            return x.sum()

        np.testing.assert_allclose(gradient, jax.grad(by_hand)(0.7), rtol=1e-6)


def test_inside_of_transformations():
    """Data that are traced themselves, through jit, vmap, scan and both modes, as they would be without the library."""
    data = np.array([[1.0, 2.0], [3.0, 4.0]])

    def last(d, theta):
        return unrolling.iterates(GD, lambda x, t: (jax.nn.softplus(d * x) * t).sum(), X0, theta, 4)[-1]

    def by_hand(d, theta):
        x = X0
        for _ in range(4):
            x = x - 0.1 * jax.grad(lambda x: (jax.nn.softplus(d * x) * theta).sum())(x)
        return x

    expected = np.array([by_hand(d, 0.5) for d in data])
    np.testing.assert_allclose(jax.vmap(last, (0, None))(data, 0.5), expected, rtol=1e-14)
    np.testing.assert_allclose(jax.jit(jax.vmap(last, (0, None)))(data, 0.5), expected, rtol=1e-14)
    np.testing.assert_allclose(jax.lax.scan(lambda _, d: (None, last(d, 0.5)), None, data)[1], expected, rtol=1e-14)
    for mode in (jax.jacfwd, jax.jacrev):
        for of in (0, 1):
            np.testing.assert_allclose(mode(last, of)(data[0], 0.5), mode(by_hand, of)(data[0], 0.5), rtol=1e-13)
    with jax.disable_jit():
        np.testing.assert_allclose(last(data[0], 0.5), expected[0], rtol=1e-14)


def test_the_gradient_in_a_number_of_ones_own_method():
    """What the docstring on step sizes says: zero for the library's methods, right for a step that closes over it."""

    def own(h):
        return unrolling.Method(lambda x: x, lambda gradient, x: x - h * gradient(x), lambda x: x)

    value = lambda method: unrolling.iterates(method, plain, X0, THETA, 1)[-1].sum()  # noqa: E731
    assert jax.grad(lambda h: value(unrolling.gradient_descent(h)))(0.1) == 0
    np.testing.assert_allclose(jax.grad(lambda h: value(own(h)))(0.1), -(X0 - THETA).sum(), rtol=1e-14)


def test_what_is_kept_is_bounded(compilations):
    """Of 70 programs the last 64."""

    @compiled
    def scale(x, *, n):
        return x * n

    def made(n):
        compilations.clear()
        scale(np.ones(1), n=n)
        return len(compilations)

    assert [made(n) for n in range(70)] == [1] * 70
    assert [made(n) for n in (69, 6, 0)] == [0, 0, 1]


MANY = """
import numpy as np, jax
import unrolling
method, x0, rng = unrolling.gradient_descent(0.01), np.zeros(5), np.random.default_rng(0)

def call(i):
    A, y = rng.standard_normal((20, 5)), rng.standard_normal(20)
    unrolling.jacobian_errors(method, unrolling.ridge(A, y), x0, 1.0 + i, 10)
    unrolling.argmin_jacobian(lambda x, t: ((A @ x - y) ** 2).sum() + t * i * (x**2).sum(), x0, 1.0)

def size():
    pages = int(open("/proc/self/statm").read().split()[1])
    return len(open("/proc/self/maps").readlines()), pages * 4096 / 2**20

for i in range(1, 20):
    call(i)
maps, megabytes = size()
for i in range(1, 500):
    call(i)
print(size()[0] - maps, size()[1] - megabytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory maps in /proc")
def test_many_data_sets_leave_memory_as_it_is():
    """500 bootstrap fits. Each compiled anew took 32 maps and 2.4 MB."""
    run = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True)
    maps, megabytes = map(float, run.stdout.split())
    assert maps < 100 and megabytes < 30


def cube(theta):
    return theta * np.eye(2)


def ones(theta):
    return np.ones(2)


def test_problems_and_methods_are_pickled():
    for problem in (unrolling.ridge(np.eye(2), np.ones(2)), unrolling.Quadratic(cube, ones)):
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(problem)).minimizer(2.0), problem.minimizer(2.0))


def test_a_callback_is_that_of_the_function_that_was_given():
    """Nothing is known of what it does: it is compared by its identity."""
    called = []
    for number in (1, 2, 2):

        def f(x, theta, number=number):
            jax.debug.callback(lambda: called.append(number))
            return x.sum() * theta

        unrolling.iterates(GD, f, X0, 1.0, 0)
    jax.effects_barrier()
    assert called == [1, 2, 2]
