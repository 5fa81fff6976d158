// A deck of 16 : 9. The speaker's window, key S, has the notes and the clock.
"use strict";

(() => {
  // Keys that a control of a live figure takes for itself while it has the focus. A clicker's keys move the deck always.
  const takes = (control, key) => {
    if (!control || ["PageUp", "PageDown", "Escape", "F5"].includes(key)) return false;
    if (control.matches("input, select")) return true;
    return control.matches("button, a") && ["Enter", " "].includes(key);
  };
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0.02,
    minScale: 0.2,
    maxScale: 3,
    center: false,
    hash: true,
    transition: "none",
    slideNumber: "c/t",
    controls: false,
    pdfSeparateFragments: false,
    scrollActivationWidth: null,
    plugins: [RevealNotes],
    keyboardCondition: (event) => !takes(document.activeElement?.closest(".interactive *, a"), event.key),
  });

  // Statements and lists from the book are as large as their slide lets them be.
  const fit = (slide) => {
    const body = slide?.querySelector(".body:has(.fit)");
    if (!body) return;
    for (let size = 38; size >= 20; size--) {
      body.style.setProperty("--fit", `${size}px`);
      if (body.scrollHeight <= body.clientHeight) break;
    }
  };
  const fitAll = () => document.querySelectorAll(Reveal.isPrintView() ? ".slides section" : "section.present").forEach(fit);
  for (const event of ["ready", "pdf-ready", "slidechanged"]) Reveal.on(event, fitAll);
  document.fonts.addEventListener("loadingdone", fitAll);
  Reveal.on("slidechanged", () => document.activeElement?.blur());
})();
