"""The calculator: what its page computes is what the library computes, and what the command line says."""

import jax.numpy as jnp
import numpy as np
import pytest
from conftest import SITE, transfer

import unrolling
from unrolling.__main__ import METHODS, report, worst_case_of

PAGE = "chapters/appendix/calculator.html"
SCRIPTS = ["residual.js", "calculator.js", "calculator.css"]
WORST = """options => residual.worst(options, (t) => t === options.T)"""
FIELDS = """({ method, kappa, T }) => {
    const lam = residual.grid(kappa), field = residual.start(lam);
    const step = residual.METHODS[method](kappa)(lam, field);
    let last;
    for (let t = 0; t < T; t++) last = step();
    return [[...lam], [...last.subarray(0, lam.length)], [...last.subarray(lam.length)]];
}"""


@pytest.fixture(scope="module")
def page(browser):
    it = browser.new_page(viewport={"width": 1280, "height": 900})
    it.goto((SITE / PAGE).as_uri())
    yield it
    it.close()


def test_it_has_the_methods_of_the_command(page):
    assert page.evaluate("Object.keys(residual.METHODS)") == list(METHODS)
    assert page.eval_on_selector_all(".calculator [name=method] option", "all => all.map(it => it.value)") == list(
        METHODS
    )


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kappa", [0.3, 0.01, 0.001])
def test_polynomials(page, name, kappa):
    """P and P' after some steps, on the whole grid."""
    for T in (1, 2, 3, 25):
        lam, P, dP = map(np.array, page.evaluate(FIELDS, {"method": name, "kappa": kappa, "T": T}))
        values, derivatives = unrolling.residual_polynomials(METHODS[name][1](kappa), jnp.asarray(lam), T)
        np.testing.assert_allclose(P, values[T], rtol=0, atol=1e-10 * np.abs(values[T]).max())
        np.testing.assert_allclose(dP, derivatives[T], rtol=0, atol=1e-10 * np.abs(derivatives[T]).max())


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kappa", [0.1, 0.013, 0.001])
def test_worst_cases(page, name, kappa, short):
    """All errors for 150 steps, with D alone, G alone, and both."""
    method = METHODS[name][1](kappa)
    method = unrolling.join(unrolling.gradient_descent(1.0), method) if short else method
    for D, G in [(1.0, 0.0), (0.0, 1.0), (0.7, 1.6)]:
        options = {"method": name, "kappa": kappa, "shortStep": short, "D": D, "G": G, "T": 150}
        said = page.evaluate(WORST, options)
        x, jacobian = unrolling.worst_case(method, kappa, 1.0, 150, D=D, G=G)
        np.testing.assert_allclose(said["x"], x, rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(said["jacobian"], jacobian, rtol=1e-6, atol=1e-12 * jacobian.max())


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kappa", [0.2, 0.01])
def test_what_it_says_is_what_the_command_says(page, name, kappa):
    for short, D, G, tolerance in [
        (False, 1, 0, 0.01),
        (True, 1, 0, 0.001),
        (False, 0, 1.5, 0.1),
        (False, 0.5, 1, 1e-6),
    ]:
        page.select_option(".calculator [name=method]", name)
        page.set_checked(".calculator [name=shortStep]", short)
        for control, value in {"kappa": np.log10(kappa).round(2), "D": D, "G": G}.items():
            page.locator(f".calculator [name={control}]").fill(str(value))
        page.select_option(".calculator [name=tolerance]", str(tolerance))
        page.wait_for_timeout(200)  # it waits for a slider to rest
        shown = float(page.locator(".calculator output").first.inner_text())
        title, *lines = report(name, shown, float(D), float(G), tolerance, short)
        peak, burn_in, steps, lag = (line[30:] for line in lines)
        iterate, jacobian = (it.split()[0] for it in steps.split(", "))
        cells = page.locator(".calculator td").all_inner_texts()
        assert cells[0] == peak.split(":")[0]
        assert cells[1] == burn_in
        assert cells[2:] == [f"{iterate} steps", f"{jacobian} steps", lag]
        command = page.locator(".calculator code").inner_text().split()
        assert command[:5] == ["python", "-m", "unrolling", "burn-in", "--kappa"]
        assert float(command[5]) == shown and command[7] == name
        assert ("--short-step" in command) == short
        given = dict(zip(command[8 + short :: 2], map(float, command[9 + short :: 2]), strict=True))
        assert given == {
            k: v for k, v, usual in [("--d", D, 1), ("--g", G, 0), ("--tolerance", tolerance, 0.01)] if v != usual
        }


def test_its_errors_last_until_they_stay_small(page):
    x, jacobian = worst_case_of("chebyshev", 0.01, tolerance=1e-6)
    said = page.evaluate('residual.summary({ method: "chebyshev", kappa: 0.01, tolerance: 1e-6 })')
    assert said["stepsIterate"] == 1 + np.flatnonzero(x > 1e-6)[-1]
    assert said["stepsJacobian"] == 1 + np.flatnonzero(jacobian > 1e-6)[-1]


def test_no_error_at_all(page):
    for control in ("D", "G"):
        page.locator(f".calculator [name={control}]").fill("0")
    page.wait_for_timeout(200)
    assert page.locator(".calculator tr").all_inner_texts() == ["D and G are zero\tno error"]


def test_only_its_page_loads_it_and_little_of_it(visit, server):
    others = visit().go(f"{server}/chapters/appendix/notation.html")
    assert not any(name in others.content() for name in SCRIPTS)
    it = visit()
    it.go(f"{server}/{PAGE}")
    assert all(any(name in url for url in it.requests) for name in SCRIPTS)
    assert sum(len(transfer(SITE / "_static" / name)[0]) for name in SCRIPTS[:2]) < 15_000


def test_without_scripts_there_is_a_table(visit, server):
    it = visit(java_script_enabled=False)
    page = it.context.pages[0]
    page.goto(f"{server}/{PAGE}")
    assert page.locator(".calculator form").count() == 0
    assert "53.1 at 10" in page.locator("article table").inner_text()
