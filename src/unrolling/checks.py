"""Bad arguments, said in words: which argument, what came, what is allowed.

Inside a JAX transformation values are not known; shapes and dtypes are still checked there, values are not.
"""

import operator

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


def number(name, value, allowed, test):
    """``value`` as a float64 scalar for which ``test`` holds; ``allowed`` says it in words."""
    value = real_array(name, value)
    if value.ndim:
        raise ValueError(f"{name} must be a scalar, got an array of shape {value.shape}")
    if is_known(value) and not test(value):
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return value


def positive(name, value):
    return number(name, value, "positive", lambda v: v > 0)


def spectrum(ell, L, strict=False):
    """The interval [ell, L] of the Hessian's eigenvalues, 0 < ell <= L (``strict``: ell < L)."""
    ell, L = positive("ell", ell), positive("L", L)
    if is_known(ell) and is_known(L) and (ell > L or (strict and ell == L)):
        raise ValueError(f"ell must be {'less than' if strict else 'at most'} L, got ell = {ell} and L = {L}")
    return ell, L


def steps(name, value):
    """``value`` as a Python int, at least 0."""
    try:
        count = operator.index(None if isinstance(value, bool) else value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None
    if count < 0:
        raise ValueError(f"{name} must be at least 0, got {count}")
    return count
