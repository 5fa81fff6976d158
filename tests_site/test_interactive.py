"""The interactive figures, in a real browser: what it computes is what the library computes, wherever a slider stands.

A figure is found by a parameter that only it has, on whichever page shows it.
"""

import functools

import jax.numpy as jnp
import numpy as np
import pytest
from conftest import PAGES, SITE

import unrolling

PLACES = {page: (SITE / page).read_text("utf-8").split('class="interactive"')[1:] for page in PAGES}
OUTSIDE = """figure => {
    const { left, right } = figure.getBoundingClientRect();
    const outside = word => word.left < left - 1 || word.right > right + 1;
    const words = [...figure.querySelectorAll("svg text")];
    return words.filter(it => outside(it.getBoundingClientRect())).map(it => it.textContent);
}"""
FIGURES = {}  # by a parameter that only it has: positions of its controls, and a function that checks the numbers there


def checks(name, *positions):
    """Let the decorated function check the figure at these positions, one after the other: control -> keys."""

    def enter(check):
        FIGURES[name] = positions, check
        return check

    return enter


def place(name):
    """The page of a figure, and its number among those of the page."""
    found = [(page, i) for page, figures in PLACES.items() for i, it in enumerate(figures) if f'"name": "{name}"' in it]
    assert found, f"no page shows the figure with {name}"
    return found[0]


def file(name):
    return (SITE / place(name)[0]).as_uri()


def find(page, name, live=True):
    figure = page.locator(".interactive").nth(place(name)[1])
    figure.scroll_into_view_if_needed()
    if live:  # sections on the way grow when they come into sight, and push the figure away
        page.wait_for_function("it => it.view || void it.scrollIntoView()", arg=figure.element_handle())
        figure.scroll_into_view_if_needed()
    return figure


def press(figure, control, keys):
    """Keys for the native control, a slider or the checked one of a set of radio buttons."""
    target = figure.locator(f'input[name="{control}"]')
    target = target.and_(figure.locator(":checked")) if target.count() > 1 else target
    target.focus()
    for key in keys:
        figure.page.keyboard.press(key)


def state(figure):
    """The browser's signals, and its tables by their columns."""
    script = """async ({view}) => {
        await view.runAsync();
        const simple = ([, value]) => value === null || typeof value !== "object";
        const plain = row => Object.fromEntries(Object.entries(row).filter(simple));
        const names = Object.keys(view._runtime.data).filter(name => /^(source|data)_/.test(name));
        return [plain(view.getState().signals), names.map(name => view.data(name).map(plain))];
    }"""
    return figure.evaluate(script)


def table(tables, *columns):
    """The columns, from the first table that has them; null is NaN."""
    rows = next(rows for rows in tables if rows and all(column in rows[0] for column in columns))
    rows = [row for row in rows if row.get("label") == rows[0].get("label")]  # not one row for each curve
    return [np.array([np.nan if row[it] is None else row[it] for row in rows], float) for it in columns]


def same(browser, library, scale=None):
    """Equal to 1e-9 of the library's value, or of ``scale``."""
    scale = np.abs(library) if scale is None else scale
    browser, library = np.asarray(browser), np.asarray(library)
    assert browser.shape == library.shape
    assert (np.isnan(browser) == np.isnan(library)).all()
    assert (np.abs(browser - library) <= 1e-9 * scale)[~np.isnan(library)].all()


def peak_and_burn_in(bound):
    """As the book defines them, from the start on."""
    peak = int((bound >= (1 - 1e-9) * bound.max()).argmax())
    above = np.flatnonzero(bound > (1 + 1e-9) * bound[0])
    return peak, int(above[-1]) + 1 if above.size else 0


@checks(
    "G",
    {},
    {"log_kappa": ["Home", *["ArrowRight"] * 25]},
    {"h": ["Home", *["ArrowRight"] * 45]},
    {"G": ["End"], "log_kappa": ["Home"]},
    {"D": ["Home"]},
    {"method": ["ArrowRight"]},
    {"D": ["End"], "G": ["Home"], "log_kappa": ["End"]},
    {"method": ["ArrowLeft"], "h": ["End"]},
    {"h": ["Home"], "D": ["Home"]},
)
def check_explorer(signals, tables):
    ell, h, D, G, T = (signals[it] for it in ("kappa", "h", "D", "G", "T"))
    if signals["method"] == "Chebyshev":
        method, bound = unrolling.chebyshev(ell, 1.0), unrolling.chebyshev_bound(ell, 1.0, T, D=D, G=G)
    else:
        method, bound = unrolling.gradient_descent(h), unrolling.gradient_descent_bound(h, ell, 1.0, T, D=D, G=G)
    t, iterates, jacobian = table(tables, "t", "iterates", "jacobian")
    order = np.argsort(t)
    assert (t[order] == np.arange(T + 1)).all()
    ends = jnp.array([ell, 1.0])
    same(iterates[order], np.abs(unrolling.residual_polynomials(method, ends, T).values).max(1))
    same(jacobian[order], np.asarray(bound))
    top, peak, burn_in = (column[0] for column in table(tables, "top", "peak", "burn_in"))
    same(top, bound.max())
    assert (peak, burn_in) == peak_and_burn_in(np.asarray(bound))


def method_of(signals):
    if signals["method"] == "Chebyshev":
        return unrolling.chebyshev(signals["kappa"], 1.0)
    h = 1.0 if signals["method"].endswith("1/L") else 2 / (1 + signals["kappa"])
    return unrolling.gradient_descent(h)


@checks(
    "reach",
    {},
    {"t": ["End"]},
    {"log_kappa": ["Home"], "t": ["Home", *["ArrowRight"] * 21]},
    {"method": ["ArrowRight"]},
    {"t": ["ArrowLeft"], "log_kappa": ["End"]},
    {"t": ["End"]},
    {"method": ["ArrowRight"]},
    {"t": ["Home"]},
)
def check_polynomials(signals, tables):
    lam, P, Q = table(tables, "lam", "P", "Q")
    assert lam.size == 241
    p, dp = (np.asarray(v[-1]) for v in unrolling.residual_polynomials(method_of(signals), lam, signals["t"]))
    # The error of a difference: 1e-9 of the largest, as both pass through zero.
    same(P, p, np.abs(p).max())
    same(Q, lam * dp, np.abs(lam * dp).max())
    largest = table(tables, "p", "q")
    same(largest[0], [np.abs(p).max()])
    same(largest[1], [np.abs(lam * dp).max()])
    assert np.abs(lam * dp).max() <= signals["reach"], "the picture is too low"


@checks(
    "start",
    {},
    {"start": ["Home"]},
    {"t": ["End"]},
    {"method": ["ArrowRight"], "start": ["End"]},
    {"t": ["Home", *["ArrowRight"] * 9]},
    {"method": ["ArrowRight"], "start": ["ArrowLeft"] * 13},
)
def check_spectrum(signals, tables):
    t, s = signals["t"], signals["start"]
    lam, iterates, jacobian = table(tables, "lam", "iterates", "jacobian")
    p, dp = (np.asarray(v[-1]) for v in unrolling.residual_polynomials(method_of(signals), lam, t))
    same(iterates, p**2, (p**2).max())
    same(jacobian, (p - s * lam * dp) ** 2, ((p - s * lam * dp) ** 2).max())
    # ... and these are the errors of a problem that is unrolled.
    lam = jnp.linspace(0.01, 1.0, 200)
    problem = unrolling.Quadratic(lambda theta: jnp.diag(lam + theta), lambda theta: -(lam**2))
    x_errors, errors = unrolling.jacobian_errors(method_of(signals), problem, (1 - s) * lam, 0.0, t)
    same(np.sqrt(jacobian.mean()), errors[-1] / errors[0])
    if s > 0:
        weighted = np.sqrt((np.asarray(lam) ** 2 * iterates).sum() / (np.asarray(lam) ** 2).sum())
        same(weighted, x_errors[-1] / x_errors[0])


@functools.cache
def measured(h, ell):
    T = 2 ** int(np.log2(4 / (h * ell) + 1000) + 1)  # few lengths: each is compiled
    D, G = (np.asarray(unrolling.gradient_descent_bound(h, ell, 1.0, T, D=D, G=1 - D)) for D in (1.0, 0.0))
    peak, burn_in = peak_and_burn_in(D)
    rate = max(abs(1 - h * ell), abs(1 - h))
    return [burn_in or np.nan, peak or np.nan, peak_and_burn_in(G)[0], np.log(10) / -np.log(rate)]


@checks("best", {}, {"log_kappa": ["ArrowRight"] * 17, "step": ["Home"]}, {"log_kappa": ["ArrowLeft"] * 34})
def check_step_sizes(signals, tables):
    k, *columns = table(tables, "k", "burn_in", "D_peak", "G_peak", "digit")
    order = np.argsort(k)
    assert (k[order] == np.arange(1, 200)).all()
    some = order[4::5]
    library = np.array([measured(it / 100, signals["kappa"]) for it in k[some]])
    for column, value in zip(columns, library.T, strict=True):
        same(column[some], value)


every_figure = pytest.mark.parametrize("name", FIGURES)


def test_every_figure_is_tested():
    known = [f'"name": "{name}"' for name in FIGURES]
    assert [page for page, figures in PLACES.items() for it in figures if not any(name in it for name in known)] == []


@every_figure
def test_numbers(visit, name):
    it = visit()
    figure = find(it.go(file(name)), name)
    before = None
    positions, check = FIGURES[name]
    for position in positions:
        for control, keys in position.items():
            press(figure, control, keys)
        signals, tables = state(figure)
        assert signals != before, "the keys moved nothing"
        before = signals
        if "log_kappa" in signals:
            same(signals["kappa"], 10 ** signals["log_kappa"])
        check(signals, tables)
    assert [url for url in it.requests if not url.startswith(("file:", "data:"))] == []
    assert it.faults == []


@every_figure
def test_said(visit, name):
    """What the picture says in words is also said to those who do not see it, and the controls have names."""
    figure = find(visit().go(file(name)), name)
    assert len(figure.locator("[role=graphics-document]").get_attribute("aria-label")) > 100
    for control in figure.locator("input").all():
        assert control.evaluate("it => it.labels[0].textContent.trim()")
    slider = figure.locator("input[type=range]").first
    assert figure.get_by_role("status").text_content() == ""
    slider.press("ArrowLeft")
    figure.page.wait_for_function("it => it.textContent", arg=figure.get_by_role("status").element_handle())
    words = figure.locator(".summary_marks tspan").all_text_contents()
    assert figure.get_by_role("status").text_content() == "; ".join(words)


@every_figure
@pytest.mark.parametrize("width", [390, 1280])
def test_without_scripts(visit, name, width):
    page = visit(width=width, java_script_enabled=False).go(file(name))
    picture = find(page, name, live=False).get_by_role("img")
    assert picture.is_visible()
    assert len(picture.get_attribute("alt")) > 100


@every_figure
@pytest.mark.parametrize("width", [390, 1280])
def test_size(visit, name, width):
    """It fits the page, and the page had kept room for it."""
    page = visit(width=width).go(file(name))
    figure = find(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box, chart = figure.bounding_box(), figure.locator("svg").bounding_box()
    assert 0.9 * box["width"] <= chart["width"] <= box["width"]
    assert not figure.locator("> img").is_visible()
    kept = figure.evaluate("it => parseFloat(getComputedStyle(it).minHeight)")
    needed = figure.locator(".interactive-chart").bounding_box()["height"]
    assert needed <= box["height"] == pytest.approx(kept, abs=0.1)
    assert box["height"] - needed < 80
    assert figure.evaluate(OUTSIDE) == []


@every_figure
def test_dark(visit, name):
    """Its words have the colour of the page's words, also after the page has changed."""
    page = visit().go(file(name))
    figure = find(page, name)
    seen = set()
    for theme in ("light", "dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(300)
        ink = figure.evaluate("it => getComputedStyle(it.parentElement).color")
        words = figure.locator("svg text, svg tspan")
        assert words.evaluate_all("all => [...new Set(all.map(it => getComputedStyle(it).fill))]") == [ink]
        seen.add(ink)
    assert len(seen) == 2


@every_figure
def test_without_eval(visit, server, name):
    """A host may forbid scripts to make scripts."""
    it = visit()

    def forbid(route):
        response = route.fetch()
        policy = "default-src 'self' data: 'unsafe-inline'; script-src 'self' 'unsafe-inline'"
        route.fulfill(response=response, headers=response.headers | {"content-security-policy": policy})

    it.page.route("**/*.html", forbid)
    find(it.go(f"{server}/{place(name)[0]}"), name)
    assert it.faults == []
