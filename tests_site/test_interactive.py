"""The interactive figures, in a real browser: what it computes is what the library computes, in any state."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from conftest import PAGES, SITE, transfer
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import unrolling
from unrolling.__main__ import METHODS
from unrolling.book import outer_loop

STATIC = SITE / "_static"
PLACES = {}  # name of a figure -> a page that shows it
for page in PAGES:
    for part in (SITE / page).read_text("utf-8").split('class="interactive" data-figure="')[1:]:
        PLACES.setdefault(part.split('"')[0], page)
LINKED = [page for page in PAGES if 'class="state ' in (SITE / page).read_text("utf-8")]
OUTSIDE = """figure => {
    const { left, right } = figure.getBoundingClientRect();
    const outside = word => word.left < left - 1 || word.right > right + 1;
    const words = [...figure.querySelectorAll("svg text")].filter(it => it.style.display != "none");
    return words.filter(it => outside(it.getBoundingClientRect())).map(it => it.textContent);
}"""
OVER_EACH_OTHER = """figure => {
    const words = [...figure.querySelectorAll("svg text")].filter(it => it.style.display != "none");
    const boxes = words.map(it => [it.textContent, it.getBoundingClientRect()]);
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
    return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) => meet(a, b)).map(([two]) => [one, two]));
}"""
PAINTS = """figure => [...figure.querySelectorAll("svg text, path:not(.other), b")].map(it => {
    const { display, fill, stroke, color } = getComputedStyle(it);
    return display == "none" ? null : it.matches("b") ? color : it.matches("path") ? stroke : fill;
}).filter(it => it)"""
STATES = {  # of each figure: the first, the ends of its sliders, each method
    "explorer": [
        {},
        {"kappa": 0.001, "t": 10000},
        {"method": "gradient-1", "kappa": 0.0011, "t": 944, "G": 1},
        {"method": "gradient-sqrt2", "kappa": 0.32, "t": 0, "G": 0.5},
        {"method": "heavy-ball", "t": 30, "G": 0.25},
        {"method": "heavy-ball", "kappa": 0.001, "t": 100},
        {"method": "nesterov", "kappa": 0.1, "t": 1},
        {"method": "nesterov", "kappa": 0.001, "t": 106, "G": 1},
        {"method": "chebyshev", "kappa": 0.016, "t": 12, "G": 0.05},
        {"method": "chebyshev", "kappa": 0.001, "t": 2},
        {"method": "sobolev", "kappa": 0.01, "t": 14},
        {"method": "sobolev", "kappa": 0.0013, "t": 60, "G": 0.7},
        {"shortStep": True, "t": 50},
        {"method": "chebyshev", "shortStep": True, "kappa": 0.05, "t": 7, "G": 0.1},
    ],
    "polynomials": [
        {},
        {"t": 60, "kappa": 0.32},
        {"t": 21, "kappa": 0.01},
        {"method": "heavy-ball", "t": 9},
        {"method": "chebyshev", "t": 60, "kappa": 0.32},
        {"method": "sobolev", "t": 17, "shortStep": True},
        {"method": "nesterov", "t": 0},
    ],
    "spectrum_of_error": [
        {},
        {"s": 0},
        {"t": 200, "method": "gradient-1", "s": 5},
        {"t": 9, "method": "chebyshev", "s": 5},
        {"t": 40, "method": "sobolev", "s": 3.7},
    ],
    "step_sizes": [{}, {"kappa": 0.00011, "h": 0.01}, {"kappa": 0.32, "h": 1.99}],
    "late_start": [
        {},
        {"K": 0, "T": 20, "s": 5},
        {"K": 600, "T": 600, "s": 0},
        {"method": "gradient-1", "K": 237, "T": 590, "s": 2.3},
        {"method": "gradient-sqrt2", "K": 1, "T": 300, "s": 4.7},
    ],
    "turning": [
        {},
        {"kappa": 0.01, "h": 1.99, "s": 5, "t": 100},
        {"kappa": 0.2, "h": 1, "s": 3, "t": 1},
        {"h": 0.1, "s": 0, "t": 0},
        {"kappa": 0.063, "h": 1.41, "s": 0.7, "t": 88},
    ],
    "distillation": [
        {"updates": 3},
        {"T": 1, "updates": 20, "start": "real"},
        {"by": "implicit", "updates": 6},
        {"by": "implicit", "updates": 2, "start": "real", "weight": "0.1"},
        {"T": 100, "updates": 4, "weight": "0.1"},
        {"T": 300, "updates": 0},
    ],
    "checkpoints": [{}, {"c": 1, "T": 100}, {"c": 100, "T": 100}, {"c": 2, "T": 5}, {"c": 16, "T": 65}],
}


def address(name):
    return (SITE / PLACES[name]).as_uri()


def find(page, name, live=True):
    figure = page.locator(f".interactive[data-figure={name}]").first
    figure.scroll_into_view_if_needed()
    if live:  # sections on the way grow when they come into sight, and push the figure away
        page.wait_for_function("it => it.numbers || void it.scrollIntoView()", arg=figure.element_handle())
        figure.scroll_into_view_if_needed()
    return figure


def strings(state):
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in state.items()}


def put(figure, name, state):
    """By the address: what ``state`` does not name has its first value."""
    state = figure.evaluate("it => it.first ??= it.state") | state
    query = "&".join(f"{key}={value}" for key, value in strings(state).items())
    figure.evaluate("(it, hash) => { history.replaceState(null, '', '#'); location.hash = hash }", f"{name}?{query}")
    figure.page.wait_for_function(
        """([it, state]) => Object.entries(state).every(([key, value]) => it.state[key] === value)
            && !it.numbers.unfinished""",
        arg=[figure.element_handle(), state],
    )
    return figure.evaluate("it => [it.state, it.numbers]")


def method_of(state):
    method = METHODS[state["method"]][1](state.get("kappa", 0.01))
    return unrolling.join(unrolling.gradient_descent(1.0), method) if state["shortStep"] else method


def same(browser, library, scale=None, floor=0.0):
    """Equal to 1e-9 of the library's value, or of ``scale``."""
    browser = np.array([np.nan if it is None else it for it in np.ravel(browser)], float)
    library = np.ravel(library)
    scale = np.abs(library) if scale is None else scale
    assert browser.shape == library.shape
    assert (np.isnan(browser) == np.isnan(library)).all()
    assert (np.abs(browser - library) <= 1e-9 * scale + floor)[~np.isnan(library)].all()


def check_explorer(state, numbers):
    kappa, t, method = state["kappa"], state["t"], method_of(state)
    T = 10_000 if state["method"].startswith("gradient") else 2000
    worst = unrolling.worst_case(method, kappa, 1.0, T, D=1.0, G=state["G"])
    times = np.array(numbers["times"])
    assert times[0] == 0 and times[-1] == 10_000 and t in times
    # Where all is below 1e-9, which is below the picture, the browser does not go on.
    known = times[times <= T]
    for name, errors in worst._asdict().items():
        assert errors[T] < 1e-9 or T == 10_000
        same([it[name] for it in numbers["errors"]][: known.size], errors[known], floor=3e-9)
    same([numbers["x"], numbers["jacobian"]], [worst.x[t], worst.jacobian[t]], floor=3e-9)
    peak, height, end = unrolling.burn_in(worst.jacobian)
    same(numbers["height"], height)
    assert (numbers["peak"], numbers["back"]) == (peak, end)
    lam, value, slope, at_zero = (numbers["tangent"][key] for key in ("lam", "value", "slope", "atZero"))
    if t <= 2000:
        P, dP = (float(it[t]) for it in unrolling.residual_polynomials(method, lam, t))
        same([value, slope], [P, dP], floor=1e-9)
        alone = unrolling.worst_case(method, kappa, 1.0, t, D=1.0, G=0.0).jacobian[t]
        same([abs(at_zero), abs(value - lam * slope)], [alone, alone], floor=1e-9)


def check_polynomials(state, numbers):
    lam, P, Q = (np.array(numbers[key]) for key in ("lam", "P", "Q"))
    assert lam[0] == 0 and lam[-1] == 1
    p, dp = (np.asarray(it[-1]) for it in unrolling.residual_polynomials(method_of(state), lam, state["t"]))
    # The error of a difference: 1e-9 of the largest, as both pass through zero.
    same(P, p, np.abs(p).max())
    same(Q, lam * dp, max(np.abs(lam * dp).max(), 1e-9))
    band = lam >= state["kappa"]
    same(numbers["largestP"], np.abs(p[band]).max(), floor=1e-12)
    same(numbers["largestQ"], np.abs(lam * dp)[band].max(), floor=1e-12)
    assert np.abs(lam * dp).max() <= 60, "the picture is too low"


def check_spectrum_of_error(state, numbers):
    t, s, method = state["t"], state["s"], method_of(state)
    lam, iterates, jacobian = (np.array(numbers[key]) for key in ("lam", "iterates", "jacobian"))
    p, dp = (np.asarray(it[-1]) for it in unrolling.residual_polynomials(method, lam, t))
    same(iterates, p**2, (p**2).max())
    same(jacobian, (p - s * lam * dp) ** 2, ((p - s * lam * dp) ** 2).max())
    # ... and these are the errors of a problem that is unrolled.
    lam = jnp.linspace(0.01, 1.0, 200)
    problem = unrolling.Quadratic(lambda theta: jnp.diag(lam + theta), lambda theta: -(lam**2))
    x_errors, errors = unrolling.jacobian_errors(method, problem, (1 - s) * lam, 0.0, t)
    same(np.sqrt(jacobian.mean()), errors[-1] / errors[0])
    if s > 0:
        weighted = np.sqrt((np.asarray(lam) ** 2 * iterates).sum() / (np.asarray(lam) ** 2).sum())
        same(weighted, x_errors[-1] / x_errors[0])


def measured(h, ell):
    T = 2 ** int(np.log2(4 / (h * ell) + 1000) + 1)  # few lengths: each is compiled
    D, G = (unrolling.gradient_descent_bound(h, ell, 1.0, T, D=D, G=1 - D) for D in (1.0, 0.0))
    D, G = unrolling.burn_in(D), unrolling.burn_in(G[1:])
    rate = max(abs(1 - h * ell), abs(1 - h))
    return [D.end or np.nan, D.peak or np.nan, G.peak + 1, np.log(10) / -np.log(rate)]


def check_step_sizes(state, numbers):
    some = np.arange(4, 199, 5)
    library = np.transpose([measured(numbers["h"][i], state["kappa"]) for i in some])
    for name, column in zip(("burnIn", "peak", "peakG", "digit"), library, strict=True):
        # The term with G may be so flat at its peak that rounding says where values differ by a billionth.
        same([numbers[name][i] for i in some], column, 5e4 * column if name == "peakG" else None)
    same(numbers["best"], 2 / (1 + state["kappa"]))


def check_late_start(state, numbers):
    K, T = state["K"], state["T"]
    method = METHODS[state["method"]][1](0.01)
    lam = jnp.linspace(0.01, 1.0, 200)
    problem = unrolling.Quadratic(lambda theta: jnp.diag(lam + theta), lambda theta: -(lam**2))
    exact = problem.jacobian(0.0)

    def error(K, T):
        run = unrolling.unroll(method, problem, (1 - state["s"]) * lam, 0.0, T, start=K)
        return np.linalg.norm(run.jacobians - exact, axis=1) / np.linalg.norm(exact)

    same(numbers["run"], error(min(K, 600), 600), floor=1e-9)
    same(numbers["plain"], error(0, 600), floor=1e-9)
    errors = np.array(numbers["errors"])
    assert errors.size == T + 1 and errors[numbers["best"]] == errors.min()
    for start in {0, min(K, T), numbers["best"]}:
        same(errors[start], error(start, T)[T], floor=1e-9)
    n = T - np.arange(T + 1)
    P, dP = (np.asarray(it) for it in unrolling.residual_polynomials(method, lam, T))
    for name, part in {"bias": P[n], "curse": state["s"] * np.asarray(lam) * dP[n] * P}.items():
        same(numbers[name], np.sqrt((part**2).mean(1)), floor=1e-9)


def check_turning(state, numbers):
    lam = jnp.array([state["kappa"], 1.0])
    problem = unrolling.Quadratic(lambda theta: jnp.diag(lam + theta), lambda theta: -(lam**2))
    method = unrolling.gradient_descent(state["h"])
    run = unrolling.unroll(method, problem, (1 - state["s"]) * lam, 0.0, 100)
    parts = np.asarray(run.jacobians / problem.jacobian(0.0))
    same(numbers["slow"], parts[:, 0], floor=1e-9)
    same(numbers["stiff"], parts[:, 1], floor=1e-9)
    values = parts.mean(1)
    same(numbers["values"], values, floor=1e-9)
    wrong = np.flatnonzero(values < -1e-9)
    assert (numbers["wrong"], numbers["last"]) == (wrong.size, wrong[-1] if wrong.size else None)
    away = np.abs(values - 1) > 0.1
    assert numbers["close"] == (101 - away[::-1].argmax() if away.any() else 0)


def check_checkpoints(state, numbers):
    c, T = min(state["c"], state["T"]), state["T"]

    def fewest(places):  # Griewank and Walther's formula; r is how often a step is made at most
        r = next(r for r in range(T) if math.comb(places + 1 + r, r) >= T)
        return r * T - math.comb(places + 1 + r, r - 1)

    assert numbers["steps"] == [fewest(places) for places in range(T)]
    assert sum(end - start for start, end, _ in numbers["pieces"]) == numbers["steps"][c - 1]
    for done in range(T):
        kept = {it for it, since, until in numbers["kept"] if since <= done < until}
        made = {end for _, end, when in numbers["pieces"] if when == done}
        assert len(kept) <= c and T - done - 1 in kept | made
        assert all(start in kept | made for start, _, when in numbers["pieces"] if when == done)


def check_distillation(state, numbers):
    digits = load_digits()
    A, _, y, _ = train_test_split(
        digits.data / 16, digits.target, test_size=597, random_state=0, stratify=digits.target
    )
    by_digit = [A[y == digit] for digit in range(10)]
    starts = {"means": [it.mean(0) for it in by_digit], "real": [it[0] for it in by_digit]}
    x0, weight, T = np.zeros((10, 64)), float(state["weight"]), state["T"]
    method = unrolling.gradient_descent(0.3)

    def f(x, theta):
        entropy = optax.softmax_cross_entropy_with_integer_labels(theta @ x.T, jnp.arange(10)).mean()
        return entropy + weight / 2 * (x**2).sum()

    def outer(x, theta=None):
        return optax.softmax_cross_entropy_with_integer_labels(A @ x.T, y).mean()

    @jax.jit
    def trained(theta):
        fast = unrolling.nesterov(weight, weight + jnp.linalg.norm(theta, 2) ** 2 / 20)
        return unrolling.iterates(fast, f, x0, theta, 800)[-1]

    @jax.jit
    def hypergradient(theta):
        if state["by"] == "implicit":
            return unrolling.implicit_hypergradient(outer, f, trained(theta), theta)
        return unrolling.hypergradient(outer, method, f, x0, theta, T)

    theta = outer_loop(hypergradient, np.array(starts[state["start"]]), optax.adam(0.02), state["updates"])[-1]
    # Both sides solve to about 1e-11. A pixel that is hardly ever inked has a gradient near Adam's 1e-8.
    same(numbers["images"], theta, scale=1.0, floor=1e-7)
    final = outer(trained(theta))
    own = final if state["by"] == "implicit" else outer(unrolling.iterates(method, f, x0, theta, T)[-1])
    same([numbers["own"], numbers["final"]], [own, final], floor=1e-7)


CHECKS = {
    "explorer": check_explorer,
    "polynomials": check_polynomials,
    "spectrum_of_error": check_spectrum_of_error,
    "step_sizes": check_step_sizes,
    "late_start": check_late_start,
    "turning": check_turning,
    "checkpoints": check_checkpoints,
    "distillation": check_distillation,
}
every_figure = pytest.mark.parametrize("name", CHECKS)


def test_every_figure_is_tested():
    assert set(PLACES) == set(CHECKS)


@every_figure
def test_numbers(visit, name):
    it = visit()
    figure = find(it.go(address(name)), name)
    for state in STATES[name]:
        CHECKS[name](*put(figure, name, state))
    assert [url for url in it.requests if not url.startswith(("file:", "data:"))] == []
    assert it.faults == []


@every_figure
def test_keys_move_each_control(visit, name):
    """... and what the picture says in words is also said to those who do not see it."""
    figure = find(visit().go(address(name)), name)
    status = figure.get_by_role("status")
    assert status.text_content() == "", "nothing is said before a reader does something"
    for control in figure.locator("input, select").all():
        before, _ = put(figure, name, {})
        at_first = control.evaluate("it => it.selectedIndex === 0")
        control.press(" " if control.get_attribute("type") == "checkbox" else "ArrowDown" if at_first else "ArrowUp")
        key = control.get_attribute("name")
        figure.page.wait_for_function(
            "([it, key, value]) => it.state[key] != value", arg=[figure.element_handle(), key, before[key]]
        )
        if control.get_attribute("type") == "range":
            assert (
                control.get_attribute("aria-valuetext")
                == control.locator("xpath=../following-sibling::span").text_content()
            )
        assert control.evaluate("it => it.labels[0].textContent.trim()")
    figure.page.wait_for_function(
        "it => it.querySelector('[role=status]').textContent === it.querySelector('.readout').textContent",
        arg=figure.element_handle(),
    )
    picture = figure.get_by_role("img").first
    assert len(picture.get_attribute("aria-label")) > 60


def test_drag_play_examples_reset_and_link(visit):
    it = visit()
    figure = find(it.go(address("explorer")), "explorer")
    page = figure.page
    first = figure.evaluate("it => it.state")

    def wait(condition):
        page.wait_for_function(f"it => {condition}", arg=figure.element_handle())

    polynomial, errors = (plot.bounding_box() for plot in figure.locator("svg").all())
    for plot, changes in ((polynomial, "kappa"), (errors, "t")):
        page.mouse.move(plot["x"] + 0.3 * plot["width"], plot["y"] + 100)
        page.mouse.down()
        wait(f"it.state.{changes} != {first[changes]}")
        pressed = figure.evaluate(f"it => it.state.{changes}")
        page.mouse.move(plot["x"] + 0.6 * plot["width"], plot["y"] + 100)
        wait(f"it.state.{changes} > {pressed}")
        page.mouse.up()
    dragged = figure.evaluate("it => it.state")
    figure.get_by_role("button", name="Play").click()
    wait(f"it.state.t > {dragged['t']}")
    figure.get_by_role("button", name="Pause").click()
    figure.get_by_role("button", name="A far start").click()
    wait("it.state.G == 1 && it.state.method == 'gradient-1'")
    page.wait_for_timeout(600)
    link = figure.get_by_role("link").evaluate("it => it.href")
    figure.get_by_role("button", name="Reset").click()
    wait("it.state.G == 0")
    assert figure.evaluate("it => it.state") == first
    other = visit()
    again = find(other.go(link), "explorer").evaluate("it => it.state")
    assert again == first | {"G": 1, "method": "gradient-1", "t": 99}
    assert it.faults == other.faults == []


@pytest.mark.parametrize("place", LINKED)
def test_links_in_the_text_move_their_figure(visit, place):
    """To the state that they name, as often as one likes; all else is as at first, and the figure is in sight."""
    it = visit()
    page = it.go((SITE / place).as_uri())
    for link in page.locator("a.state").all():
        name, _, query = link.get_attribute("href").removeprefix("#").partition("?")
        asked = dict(pair.split("=") for pair in query.split("&") if pair)
        figure = find(page, name)
        first = figure.evaluate("it => it.first ??= it.state")
        slider = figure.get_by_role("slider").last
        for _ in range(2):
            slider.press("ArrowUp")
            page.wait_for_function("it => it.numbers && it.touched", arg=figure.element_handle())
            link.click()
            page.wait_for_function(
                "([it, asked]) => Object.entries(asked).every(([key, value]) => String(it.state[key]) === value)",
                arg=[figure.element_handle(), strings(first | asked)],
                timeout=5000,
            )
        box, height = figure.bounding_box(), page.viewport_size["height"]
        assert box["y"] < height - 100 and box["y"] + box["height"] > 100
        page.go_back()
        page.wait_for_function("it => it.getBoundingClientRect().top < innerHeight", arg=link.element_handle())
        back = link.bounding_box()
        assert -50 < back["y"] < height, "it does not lead back to the sentence"
    assert it.faults == []


def test_a_button_shows_that_its_state_is_on(visit):
    figure = find(visit().go(address("explorer")), "explorer")
    pressed = figure.locator("button[aria-pressed=true]")
    assert pressed.all_text_contents() == ["A long step"]
    put(figure, "explorer", {"shortStep": True})
    assert pressed.all_text_contents() == ["One short step"]
    put(figure, "explorer", {"t": 7})
    assert pressed.count() == 0


def test_a_control_without_effect_is_off(visit):
    figure = find(visit().go(address("distillation")), "distillation")
    steps = figure.locator("[name=T]")
    put(figure, "distillation", {"by": "implicit"})
    assert steps.is_disabled()
    put(figure, "distillation", {})
    assert steps.is_enabled()


@every_figure
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_size(visit, name, width):
    """It fits the page, the page had kept room for it, and no word is over another."""
    page = visit(width=width).go(address(name))
    figure = find(page, name)
    assert not any(image.is_visible() for image in figure.locator("img").all())
    kept = figure.evaluate("it => parseFloat(getComputedStyle(it.firstElementChild).minHeight)")
    for state in STATES[name]:
        put(figure, name, state)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        needed = figure.locator(".stage").bounding_box()["height"]
        assert needed <= figure.bounding_box()["height"] == pytest.approx(kept, abs=0.1)
        assert kept - needed < 90
        assert figure.evaluate(OUTSIDE) == []
        assert figure.evaluate(OVER_EACH_OTHER) == [], state


@every_figure
@pytest.mark.parametrize("width", [390, 1280])
def test_without_scripts(visit, name, width):
    page = visit(width=width, java_script_enabled=False).go(address(name))
    picture = find(page, name, live=False).get_by_role("img").first
    assert picture.is_visible()
    assert len(picture.get_attribute("alt")) > 100


@every_figure
def test_in_print(visit, name):
    page = visit().go(address(name))
    figure = find(page, name)
    page.emulate_media(media="print")
    assert figure.locator("img").first.is_visible() and not figure.locator(".stage").is_visible()


@every_figure
def test_contrast(visit, name):
    """Words and curves can be read, in both colours."""
    page = visit().go(address(name))
    figure = find(page, name)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(100)
        paints = figure.evaluate(PAINTS)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert min(contrast(paint, background) for paint in set(paints)) >= 4.5


def contrast(one, two):
    def luminance(color):
        parts = np.array([int(it) for it in color[4:-1].split(",")]) / 255
        return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one) + 0.05, luminance(two) + 0.05))
    return high / low


def test_weight():
    """All that makes figures live, as any static host sends it."""
    common = ["residual.js", "plots.js", "interactive.css"]
    for own in ("interactive.js", "runs.js", "distillation.js"):
        assert sum(len(transfer(STATIC / name)[0]) for name in [*common, own]) <= 15_000


@every_figure
def test_without_eval(visit, server, name):
    """A host may forbid scripts to make scripts."""
    it = visit()

    def forbid(route):
        response = route.fetch()
        policy = "default-src 'self' data: 'unsafe-inline'; script-src 'self' 'unsafe-inline'"
        route.fulfill(response=response, headers=response.headers | {"content-security-policy": policy})

    it.page.route("**/*.html", forbid)
    find(it.go(f"{server}/{PLACES[name]}"), name)
    assert it.faults == []
