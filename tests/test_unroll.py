import jax
import numpy as np
import unrolling
from reference import assert_close
T=7
def test_a(method, case):
    f,x0,theta=case
    J=unrolling.unroll(method,f,x0,theta,T)[1]
    run=lambda th: unrolling.iterates(method,f,x0,th,T)
    assert_close(J, jax.jacfwd(run)(theta), T, 10)
    assert_close(J, jax.jacrev(run)(theta), T, 10)
