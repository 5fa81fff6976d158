"""``python -m unrolling burn-in``: what it says is what the bounds say, and it names the argument that is wrong."""

import math
import re
import runpy
import sys

import numpy as np
import pytest

import unrolling
from unrolling.__main__ import METHODS, main, worst_case_of


def numbers(said):
    return [float(it) for it in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e-\d+)?(?![\w/])", said)]


def run(capsys, *arguments):
    main(["burn-in", *arguments])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    return lines


def test_chebyshev_has_the_numbers_of_its_bound(capsys):
    title, peak, end, steps, lag = run(capsys, "--kappa", "1e-3", "--method", "chebyshev")
    bound = np.asarray(unrolling.chebyshev_bound(1e-3, 1.0, 500, D=1.0, G=0.0))
    at, height, burn_in = unrolling.burn_in(bound)
    assert title == "Chebyshev; kappa = 0.001, D = 1, G = 0, L = 1"
    assert numbers(peak) == [float(f"{height:.4g}"), at]
    assert numbers(end) == [burn_in]
    iterate, jacobian = 1 + np.flatnonzero(bound > 0.01)[-1], numbers(steps)[2]
    assert numbers(steps)[0] == 0.01 and jacobian == iterate
    xi = (1 - math.sqrt(1e-3)) / (1 + math.sqrt(1e-3))
    t = np.arange(500)
    first = 1 + np.flatnonzero(2 / (xi**t + xi**-t) > 0.01)[-1]
    assert numbers(steps)[1] == first
    assert numbers(lag) == [round(jacobian / first, 2)]


@pytest.mark.parametrize("name, h", [("gradient-1", 1.0), ("gradient-sqrt2", 2**0.5), ("gradient-2", 2 / 1.01)])
@pytest.mark.parametrize("D, G", [(1.0, 0.0), (0.5, 2.0), (0.0, 1.0)])
def test_gradient_descent_has_the_numbers_of_its_bound(capsys, name, h, D, G):
    said = run(capsys, "--kappa", ".01", "--method", name, "--d", str(D), "--g", str(G), "--tolerance", "1e-3")
    bound = np.asarray(unrolling.gradient_descent_bound(h, 0.01, 1.0, 3000, D=D, G=G))
    peak = int(np.argmax(bound >= (1 - 1e-9) * bound.max()))
    high = [float(f"{bound[peak] / (D or G):.4g}"), peak]
    assert numbers(said[1]) == (high if peak else [])
    assert numbers(said[2]) == ([unrolling.burn_in(bound).end] if D else [])
    assert numbers(said[3])[2] == 1 + np.flatnonzero(bound > 1e-3 * (D or G))[-1]


def test_a_short_step_first(capsys):
    title, peak, end, *_ = run(capsys, "--kappa", "0.01", "--short-step")
    assert title.startswith("gradient descent, h = 2/(L + l), one step 1/L first;")
    assert peak.endswith("none: no error is above the start") and numbers(end) == [0]


@pytest.mark.parametrize("name", METHODS)
def test_errors_are_followed_until_they_stay_small(name):
    for errors in worst_case_of(name, 0.3, D=1.0, G=1.0, tolerance=1e-3):
        assert errors[0] >= 1 and errors[len(errors) // 2 :].max() < 1e-3


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("--kappa: must be in [1e-4, 0.99], got 3", ["--kappa", "3"]),
        ("--kappa: must be in [1e-4, 0.99], got x", ["--kappa", "x"]),
        ("--kappa: must be in [1e-4, 0.99], got nan", ["--kappa", "nan"]),
        ("--kappa: must be in [1e-4, 0.99], got -1e-3", ["--kappa", "-1e-3"]),
        ("--kappa: must be in [1e-4, 0.99], got -inf", ["--kappa", "-inf"]),
        ("--tolerance: must be in [1e-9, 0.9], got 1", ["--kappa", ".1", "--tolerance", "1"]),
        ("--tolerance: must be in [1e-9, 0.9], got -1E-6", ["--kappa", ".1", "--tolerance", "-1E-6"]),
        ("--d: must be in [0, 1e6], got -1", ["--kappa", ".1", "--d", "-1"]),
        ("--d: must be positive where --g is 0", ["--kappa", ".1", "--d", "0"]),
        ("--g: must be in [0, 1e6], got inf", ["--kappa", ".1", "--g", "inf"]),
        ("--method: invalid choice: 'newton'", ["--kappa", ".1", "--method", "newton"]),
    ],
)
def test_what_is_said_of_a_wrong_argument(capsys, name, arguments):
    with pytest.raises(SystemExit) as caught:
        main(["burn-in", *arguments])
    assert caught.value.code == 2
    assert f"error: argument {name}" in capsys.readouterr().err


def test_help_and_no_command(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["unrolling", "burn-in", "--help"])
    monkeypatch.delitem(sys.modules, "unrolling.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("unrolling", run_name="__main__")
    said = capsys.readouterr().out
    assert caught.value.code == 0
    assert all(name in said.replace("\n", "").replace("  ", "") for name in ["--kappa", "--tolerance", "sobolev"])
    with pytest.raises(SystemExit):
        main([])
    assert "command" in capsys.readouterr().err
