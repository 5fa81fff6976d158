// Makes the interactive figures of a page live. Each is a <div class="interactive"> with a still picture, which stays
// where scripts do not run, and a Vega-Lite chart as JSON. Vega is loaded when the first figure comes near the window.
"use strict";

(() => {
  // ast: formulas are interpreted and not compiled, so that a page may forbid unsafe-eval.
  const options = { mode: "vega-lite", ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: false };

  let library;
  const load = () =>
    (library ??= Promise.all(
      Array.from(
        document.querySelectorAll("meta[name=charts]"),
        ({ content }) =>
          new Promise((loaded, failed) => {
            const script = document.createElement("script");
            Object.assign(script, { src: content, async: false, onload: loaded, onerror: failed });
            document.head.append(script);
          }),
      ),
    ));

  const show = async (figure) => {
    await load();
    const chart = document.createElement("div");
    const said = document.createElement("p");
    chart.className = "interactive-chart";
    said.className = "interactive-said";
    said.setAttribute("role", "status");
    figure.append(chart, said);
    figure.classList.add("live"); // first, so that the picture and the chart never stand below each other
    const spec = JSON.parse(figure.querySelector("script").textContent);
    delete spec.$schema; // it names an older version, which JupyterLab knows; what it says is in both
    spec.width = "container";
    const { view } = await vegaEmbed(chart, spec, options).catch((error) => {
      figure.classList.remove("live");
      throw error;
    });
    nameControls(chart);
    figure.view = view;

    // Screen readers hear what the picture says when a slider comes to rest.
    chart.addEventListener("change", async () => {
      await view.runAsync();
      const lines = chart.querySelectorAll(".summary_marks tspan");
      said.textContent = Array.from(lines, (line) => line.textContent).join("; ");
      chart.setAttribute("aria-label", said.textContent);
    });
  };

  // A set of radio buttons is a group with a name.
  const nameControls = (chart) => {
    for (const control of chart.querySelectorAll(".vega-bind:has([type=radio])")) {
      control.setAttribute("role", "radiogroup");
      control.setAttribute("aria-label", control.querySelector(".vega-bind-name").textContent);
    }
  };

  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watcher.unobserve(target);
        show(target);
      }
    },
    { rootMargin: "600px" },
  );
  document.querySelectorAll(".interactive").forEach((figure) => watcher.observe(figure));
})();
