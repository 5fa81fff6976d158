// What scrolls within itself can be reached, and so scrolled, with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    const wide = entries.filter(({ target }) => target.scrollWidth > target.clientWidth);
    for (const { target } of entries) target.removeAttribute("tabindex");
    for (const { target } of wide) target.tabIndex = 0;
  });
  const boxes = "div.math, div.cell_output, h1 + figure, pre, .pst-scrollable-table-container";
  document.querySelectorAll(boxes).forEach((it) => observer.observe(it));
});

// Previews of what a reference points to: their scripts load when a mouse or the keyboard first gets to a reference.
document.addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("main-content");
  const started = new AbortController();
  const start = async ({ target, pointerType }) => {
    if (pointerType === "touch" || !target.closest("a[href*='#']")) return;
    started.abort();
    for (const { content } of document.querySelectorAll("meta[name=previews]")) {
      const script = document.createElement("script");
      script.src = content;
      await new Promise((done) => {
        script.onload = done;
        document.head.append(script);
      });
    }
    tippy.setDefaultProps({ appendTo: main }); // not where a box would cut it off
    window.onload?.(); // sphinx-tippy's set-up, which would wait for the page
    document.querySelector("main a:is(:hover, :focus-visible)")?._tippy?.show();
  };
  for (const type of ["pointerover", "focusin"]) main.addEventListener(type, start, { signal: started.signal });
});

// Who comes back to a page finds the place where they were, though its parts may have had other heights then.
const PLACES = "article :is(p, pre, img, li, h1, h2, h3, summary, div.math, td)";
addEventListener("pagehide", () => {
  const { left, width } = document.querySelector("main").getBoundingClientRect();
  for (let y = innerHeight / 2; y > 0; y -= 8) {
    const place = document.elementFromPoint(left + width / 3, y)?.closest(PLACES);
    if (!place) continue;
    const number = [...document.querySelectorAll(PLACES)].indexOf(place);
    return sessionStorage.setItem(location.pathname, JSON.stringify([number, place.getBoundingClientRect().top]));
  }
});
if (document.documentElement.classList.contains("returned")) {
  const [number, top] = JSON.parse(sessionStorage.getItem(location.pathname)) ?? [];
  const place = document.querySelectorAll(PLACES)[number];
  history.scrollRestoration = "manual";
  const back = () => place && scrollBy({ top: place.getBoundingClientRect().top - top, behavior: "instant" });
  back();
  document.fonts.ready.then(back);
  addEventListener("load", () => {
    back();
    setTimeout(() => (history.scrollRestoration = "auto"), 500);
  });
}

// All code is shown or hidden, on every page from then on; a page that was never asked folds what its author chose.
const folded = document.querySelectorAll("details.code");
const showCode = (wanted) => {
  document.documentElement.dataset.code = wanted;
  for (const it of folded) it.open = wanted == "shown";
};
const toggleCode = () => {
  const wanted = document.documentElement.dataset.code == "shown" ? "hidden" : "shown";
  localStorage.setItem("code", wanted);
  showCode(wanted);
};
if (localStorage.getItem("code")) showCode(localStorage.getItem("code"));

// The buttons of the header; the page's policy forbids handlers in attributes.
document.addEventListener("click", ({ target }) => {
  const action = target.closest?.("[data-action]")?.dataset.action;
  if (action) ({ fullscreen: toggleFullScreen, print: () => window.print(), code: toggleCode })[action]();
});

// The menus of the header open, close and answer the keyboard as browsers have it.
for (const it of document.querySelectorAll("[data-bs-toggle=dropdown]")) {
  it.removeAttribute("aria-expanded");
  it.nextElementSibling.popover = "auto";
  it.popoverTargetElement = it.nextElementSibling;
}

// A closed dialog gives the focus back to the button that opened it; the theme has taken it away.
document.addEventListener("DOMContentLoaded", () => {
  const openers = { "pst-primary-sidebar-modal": ".primary-toggle", "pst-secondary-sidebar-modal": ".secondary-toggle" };
  for (const [id, opener] of Object.entries(openers)) {
    document.getElementById(id)?.addEventListener("close", () => document.querySelector(opener).focus());
  }
});

// The switch of colours says which are on: light, dark, or those of the machine.
const { dataset } = document.documentElement;
const sayMode = () => {
  for (const it of document.querySelectorAll(".theme-switch-button")) it.ariaLabel = `Colours: ${dataset.mode || "auto"}`;
};
new MutationObserver(sayMode).observe(document.documentElement, { attributeFilter: ["data-mode"] });
sayMode();

// Each of the many buttons that copy has a name of its own.
for (const [i, it] of document.querySelectorAll("button.copybtn").entries()) it.ariaLabel = `Copy code ${i + 1}`;

// The source of a page is for keeping, not for showing.
for (const it of document.querySelectorAll(".btn-download-source-button")) it.download = "";

// Paper is white.
let scheme;
addEventListener("beforeprint", () => {
  scheme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = scheme;
});

// A selection of text has each formula once, as it is written in TeX.
document.addEventListener("copy", (event) => {
  const range = getSelection().rangeCount && getSelection().getRangeAt(0);
  const part = range && range.cloneContents();
  if (!part?.querySelector(".katex")) return;
  for (const it of part.querySelectorAll(".katex")) it.replaceWith(`$${it.querySelector("annotation")?.textContent ?? it.querySelector("math")?.textContent ?? ""}$`);
  const box = document.createElement("div");
  box.append(part);
  box.style.cssText = "position: absolute; left: -9999px";
  document.body.append(box);
  event.clipboardData.setData("text/plain", box.innerText.trim());
  box.remove();
  event.preventDefault();
});

// Contents that cover the page close when they have led somewhere.
document.addEventListener("click", ({ target }) => target.closest?.("dialog a[href^='#']") && target.closest("dialog").close());

// Escape closes the search, wherever in it the focus is.
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") document.querySelector("dialog[open]")?.close();
});

// A place on this page needs no other tab, where the theme opens all that its buttons lead to.
document.querySelector("a[href='#run-this-page']")?.removeAttribute("target");

// The address of the library's wheel, where the build did not know where the site would be.
document.addEventListener("DOMContentLoaded", () => {
  for (const it of document.querySelectorAll("a.address")) if (!it.textContent.includes("/")) it.textContent = it.href;
});

// From a file: address the search may not read the pages it finds, to quote from them.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
