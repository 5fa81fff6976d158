"""Bad arguments, said in words: which argument, what came, what is allowed.

Inside a JAX transformation values are not known; shapes and dtypes are still checked there, values are not.

What a function raises that the caller passed, as f or x0, goes through as it is. One exception: that it asks for
numbers which JAX does not know while it differentiates is said in words too (`call`).
"""

import operator
from collections.abc import Hashable

import jax
import jax.numpy as jnp
import numpy as np


def is_known(value):
    """Whether the numbers of ``value`` can be looked at now, and not only its shape."""
    return not isinstance(value, jax.core.Tracer)


def real_array(name, value):
    """``value`` as a float64 array of finite numbers. Whole numbers are converted, float32 is not (TypeError)."""
    try:
        array = value if isinstance(value, jax.Array) else np.asarray(value)
        kind = jnp.dtype(array.dtype)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be an array of real numbers, got {value!r}") from None
    if not (kind == jnp.float64 or jnp.issubdtype(kind, jnp.integer)):
        raise TypeError(f"{name} must be real and float64, got dtype {kind}")
    array = jnp.asarray(array, jnp.float64)
    if array.dtype != jnp.float64:
        raise TypeError(f"{name} must be float64, but JAX's 64-bit mode was switched off (jax_enable_x64)")
    if is_known(array) and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {np.asarray(array)}")
    return array


def finite(name, value, what):
    """``value``, which the argument ``name`` led to, seen to be finite: no NaN goes on from here in silence."""
    if is_known(value) and not np.isfinite(value).all():
        raise ValueError(f"{name} must give a finite {what}, got {np.asarray(value)}")
    return value


def finite_steps(**results):
    """The results, whose first axis is t = 0, ..., T, seen to be finite: no NaN goes on from here in silence."""
    for name, values in results.items():
        # An iterate that is not finite stays so in the next steps: the last one, which costs little, tells.
        last = values if values.ndim == 1 else values[-1]  # but a norm may overflow and come back
        if is_known(values) and not np.isfinite(last).all():
            t = np.isfinite(values).reshape(len(values), -1).all(1).argmin()
            raise ValueError(
                f"num_steps must be less than {t} here, got {len(values) - 1}: from t = {t} on the {name} overflow or "
                "are undefined"
            )
    return tuple(results.values())


def function(name, value):
    """``value``, which must be callable, and hashable as JAX keeps what it compiled by the function."""
    if not (callable(value) and isinstance(value, Hashable)):
        raise TypeError(f"{name} must be a function, and hashable, got {value!r}")
    return value


def call(name, function, *arguments):
    """function(*arguments), where JAX differentiates or compiles it."""
    try:
        return function(*arguments)
    except jax.errors.JAXTypeError as error:
        raise TypeError(
            f"{name} must be made of JAX's functions, without float(), if or NumPy on its arguments: {error}"
        ) from error


def number(name, value, allowed, test):
    """``value`` as a float64 scalar for which ``test`` holds; ``allowed`` says it in words.

    At most 1e100, so that no product or ratio of a few such numbers overflows.
    """
    value = real_array(name, value)
    if value.ndim:
        raise ValueError(f"{name} must be a scalar, got an array of shape {value.shape}")
    if is_known(value) and not test(value):
        raise ValueError(f"{name} must be {allowed}, got {value}")
    if is_known(value) and value > 1e100:
        raise ValueError(f"{name} must be at most 1e100, got {value}")
    return value


def positive(name, value):
    return number(name, value, "positive, at least 1e-100", lambda v: v >= 1e-100)


def spectrum(ell, L, strict=False):
    """The interval [ell, L] of the Hessian's eigenvalues, 0 < ell <= L (``strict``: ell < L)."""
    ell, L = positive("ell", ell), positive("L", L)
    if is_known(ell) and is_known(L) and (ell > L or (strict and ell == L)):
        raise ValueError(f"ell must be {'less than' if strict else 'at most'} L, got ell = {ell} and L = {L}")
    return ell, L


def steps(name, value):
    """``value`` as a Python int, at least 0 and of 31 bits."""
    try:
        count = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None
    if not 0 <= count < 2**31 - 1:
        raise ValueError(f"{name} must be at least 0 and less than 2^31 - 1, got {count}")
    return count
