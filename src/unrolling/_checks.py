"""The door for arguments: which one, what came, what is allowed.

Inside ``jax.jit``, ``vmap``, ``grad`` or ``jacfwd`` values are not known; shapes and dtypes are still checked there,
values are not. What a function raises that the caller passed goes through as it is.
"""

import operator
import reprlib

import jax
import jax.numpy as jnp
import numpy as np


def is_known(value):
    """Whether the numbers of ``value`` can be looked at now, and not only its shape."""
    return not isinstance(value, jax.core.Tracer)


def array(name, value, dtype=jnp.float64):
    """``value`` as an array of finite numbers. Python's and whole numbers are converted, another precision is not."""
    dtype = jnp.dtype(dtype)
    if dtype not in (jnp.float32, jnp.float64):
        raise TypeError(f"dtype must be float32 or float64, got {dtype}")
    if dtype == jnp.float64 and not jax.config.jax_enable_x64:
        raise TypeError(
            f"{name} must be float64, but JAX's 64-bit mode is off: say jax.config.update('jax_enable_x64', True) "
            "before the first array is made"
        )
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must have no masked entries, got a masked array: fill them, or leave them out")
    try:
        array = value if isinstance(value, jax.Array) else np.asarray(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be an array of real numbers, got {reprlib.repr(value)}") from None
    if not (jnp.issubdtype(array.dtype, jnp.floating) or jnp.issubdtype(array.dtype, jnp.integer)):
        raise TypeError(f"{name} must be an array of real numbers, got {type(value).__name__} of dtype {array.dtype}")
    came = array.dtype.newbyteorder("=")
    if jnp.issubdtype(came, jnp.floating) and came != dtype and not _are_pythons_numbers(value):
        raise TypeError(f"{name} must be {dtype}, got {came}")
    if is_known(array) and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {np.asarray(array)}")
    return jnp.asarray(array, dtype)


def tree(name, value, dtype=jnp.float64):
    """``value``, an array or a pytree of arrays, with every leaf seen by `array`. A list of numbers is an array."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(
        value, is_leaf=lambda it: type(it) in (list, tuple) and _are_pythons_numbers(it)
    )
    if not leaves:
        raise TypeError(f"{name} must be an array or a pytree of arrays, got {reprlib.repr(value)}")
    return structure.unflatten([array(name + jax.tree_util.keystr(path), leaf, dtype) for path, leaf in leaves])


def _are_pythons_numbers(value):
    """Whether ``value`` is an int, a float, or a list or tuple of them: these have no precision of their own."""
    if type(value) in (list, tuple):
        return all(map(_are_pythons_numbers, value))
    return type(value) in (int, float)


def number(name, value, allowed, test):
    """``value`` as a scalar, of the precision that Python's floats have in JAX, for which ``test`` holds."""
    value = array(name, float(value) if isinstance(value, float) else value, jnp.result_type(float))
    if value.ndim:
        raise ValueError(f"{name} must be a scalar, got an array of shape {value.shape}")
    if is_known(value) and not test(value):
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return value


def positive(name, value):
    return number(name, value, "positive", lambda v: v > 0)


def at_least_zero(name, value):
    return number(name, value, "at least 0", lambda v: v >= 0)


def spectrum(ell, L, strict=False):
    """The interval [ell, L] of the Hessian's eigenvalues, 0 < ell <= L (``strict``: ell < L)."""
    ell, L = positive("ell", ell), positive("L", L)
    if is_known(ell) and is_known(L) and (ell > L or (strict and ell == L)):
        raise ValueError(f"ell must be {'less than' if strict else 'at most'} L, got ell = {ell} and L = {L}")
    return ell, L


def whole(name, value):
    """``value`` as a Python int, at least 0."""
    try:
        count = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {reprlib.repr(value)}") from None
    if count < 0:
        raise ValueError(f"{name} must be at least 0, got {count}")
    return count


def callable_(name, value):
    if not callable(value):
        raise TypeError(f"{name} must be a function, got {reprlib.repr(value)}")
    return value


def scalar(name, function, dtype=jnp.float64):
    """``function``, whose values must be scalars of ``dtype``."""
    callable_(name, function)

    def checked(*arguments):
        value = function(*arguments)
        leaves = jax.tree.leaves(value)
        if len(leaves) != 1 or jnp.shape(leaves[0]) or jnp.result_type(leaves[0]) != dtype:
            raise ValueError(f"{name} must return a {jnp.dtype(dtype)} scalar, got {_form(value)}")
        return leaves[0]

    return checked


def same_form(name, came, allowed, why):
    """Raise unless the trees have one structure, and leaves of the same dtypes and shapes."""
    if _form(came) != _form(allowed):
        raise TypeError(f"{name} must return {_form(allowed)}, {why}, got {_form(came)}")


def _form(tree):
    return jax.tree.map(lambda leaf: f"{jnp.result_type(leaf)}{list(jnp.shape(leaf))}", tree)


def finite(message, value):
    """``value``, seen to be finite: no NaN goes on from here in silence."""
    if any(is_known(leaf) and not np.isfinite(leaf).all() for leaf in jax.tree.leaves(value)):
        raise ValueError(f"{message}, got {value}")
    return value


def finite_steps(results):
    """The ``results``, a NamedTuple of trees with first axis t = 0, ..., T, seen to be finite."""
    for name, tree in results._asdict().items():
        for values in jax.tree.leaves(tree):
            # An iterate that is not finite stays so: the last one, which costs little, tells. A norm may come back.
            if is_known(values) and not np.isfinite(values if values.ndim == 1 else values[-1]).all():
                t = np.isfinite(values).reshape(len(values), -1).all(1).argmin()
                said = f"num_steps must be less than {t} here, got {len(values) - 1}"
                if t < 2:
                    said = "x0 must be finite and differentiable, and a point where f has finite derivatives"
                raise ValueError(f"{said}: from t = {t} on the {name} overflow or are undefined")
    return results


def is_singular(values):
    """Whether a matrix with these pivots or eigenvalues is singular, or so nearly that no three digits can be right."""
    size = np.abs(values)
    return not size.min(initial=np.inf) > 1e-13 * size.max(initial=0)  # true for NaN
