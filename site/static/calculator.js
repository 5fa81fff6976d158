// The calculator: a <div class="calculator"> becomes a form and what residual.js computes for it.
"use strict";

(() => {
  const FORM = `
    <label><span>method</span> <select name="method"></select></label>
    <label class="check"><input type="checkbox" name="shortStep"> one step of length 1/L first</label>
    <label><span>κ = ℓ/L</span> <input type="range" name="kappa" min="-3" max="-0.1" step="0.05" value="-2"> <output></output></label>
    <label><span>D</span> <input type="range" name="D" min="0" max="2" step="0.1" value="1"> <output></output></label>
    <label><span>G, for L = 1</span> <input type="range" name="G" min="0" max="2" step="0.1" value="0"> <output></output></label>
    <label><span>tolerance</span> <select name="tolerance"><option>0.1<option selected>0.01<option>0.001<option>1e-06</select></label>
    <table aria-live="polite"><tbody></tbody></table>
    <p>In a terminal: <code></code></p>`;

  // As Python's format(value, ".4g"), for what comes up here.
  const four = (value) => String(Number(value.toPrecision(4)));

  const rows = ({ peak, height, burnIn, stepsIterate, stepsJacobian }, { D }) => [
    ["peak", peak ? `${four(height)} times ${D > 0 ? "D" : "G"}, at t = ${peak}` : "none"],
    ["burn-in", burnIn === null ? "none: the start is exact" : `${burnIn} steps`],
    ["to the tolerance, iterate", `${stepsIterate} steps`],
    ["to the tolerance, Jacobian", `${stepsJacobian} steps`],
    ["lag", (stepsJacobian / stepsIterate).toFixed(2)],
  ];

  const make = (root) => {
    const form = document.createElement("form");
    form.innerHTML = FORM;
    const { method, shortStep, kappa, D, G, tolerance } = form.elements;
    for (const [name, title] of Object.entries(residual.TITLES)) method.add(new Option(title, name));
    method.value = "chebyshev";

    const read = () => ({
      method: method.value,
      shortStep: shortStep.checked,
      kappa: Number((10 ** kappa.value).toPrecision(2)),
      D: Number(D.value),
      G: Number(G.value),
      tolerance: Number(tolerance.value),
    });

    const say = () => {
      const options = read();
      if (options.D === 0 && options.G === 0) return form.querySelector("tbody").replaceChildren(row("D and G are zero", "no error"));
      form.querySelector("tbody").replaceChildren(...rows(residual.summary(options), options).map((it) => row(...it)));
    };

    const show = () => {
      const { kappa: k, D: d, G: g, ...options } = read();
      for (const [control, value] of [[kappa, k], [D, d], [G, g]]) control.nextElementSibling.value = value;
      kappa.setAttribute("aria-valuetext", k);
      const parts = [`python -m unrolling burn-in --kappa ${k} --method ${options.method}`];
      if (options.shortStep) parts.push("--short-step");
      if (d !== 1) parts.push(`--d ${d}`);
      if (g !== 0) parts.push(`--g ${g}`);
      if (options.tolerance !== 0.01) parts.push(`--tolerance ${options.tolerance}`);
      form.querySelector("code").textContent = parts.join(" ");
    };

    // A slider in motion shows its value at once, and the rest when it pauses.
    let waiting;
    form.addEventListener("input", () => {
      show();
      clearTimeout(waiting);
      waiting = setTimeout(say, 120);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
    say();
    root.append(form);
  };

  const row = (name, value) => {
    const it = document.createElement("tr");
    const head = document.createElement("th");
    const cell = document.createElement("td");
    head.scope = "row";
    [head.textContent, cell.textContent] = [name, value];
    it.append(head, cell);
    return it;
  };

  document.querySelectorAll(".calculator").forEach(make);
})();
