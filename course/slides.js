// A deck of 16 : 9. The speaker's window, key S, has the notes and the clock.
"use strict";

(() => {
  // A control of a live figure has its keys for itself while it has the focus; a clicker's keys move the deck always.
  const control = () => document.activeElement?.closest(".interactive :is(input, select, button)");
  const turns = { PageDown: () => Reveal.next(), PageUp: () => Reveal.prev() };
  addEventListener("keydown", (event) => {
    if (!control() || !turns[event.key]) return;
    event.preventDefault();
    turns[event.key]();
  });
  // Print keeps the still pictures: interactive.js, which comes next, finds no figure.
  if (new URLSearchParams(location.search).get("view") === "print")
    for (const figure of document.querySelectorAll(".interactive")) figure.className = "still";
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
    defaultTiming: 60, // so that the speaker's window keeps time; each slide says how long it takes
    plugins: [RevealNotes],
    keyboardCondition: () => !control(),
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
