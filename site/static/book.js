// What scrolls within itself can be reached, and so scrolled, with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    const wide = entries.filter(({ target }) => target.scrollWidth > target.clientWidth);
    for (const { target } of entries) target.removeAttribute("tabindex");
    for (const { target } of wide) target.tabIndex = 0;
  });
  const boxes = "div.math, div.cell_output, pre, .pst-scrollable-table-container";
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

// The buttons of the header; the page's policy forbids handlers in attributes.
document.addEventListener("click", ({ target }) => {
  const action = target.closest?.("[data-action]")?.dataset.action;
  if (action) ({ fullscreen: toggleFullScreen, print: () => window.print() })[action]();
});

// A closed dialog gives the focus back to the button that opened it; the theme has taken it away.
document.addEventListener("DOMContentLoaded", () => {
  const openers = { "pst-primary-sidebar-modal": ".primary-toggle", "pst-secondary-sidebar-modal": ".secondary-toggle" };
  for (const [id, opener] of Object.entries(openers)) {
    document.getElementById(id)?.addEventListener("close", () => document.querySelector(opener).focus());
  }
});

// A place on this page needs no other tab, where the theme opens all that its buttons lead to.
document.querySelector("a[href='#run-this-page']")?.removeAttribute("target");

// The address of the library's wheel, where the build did not know where the site would be.
document.addEventListener("DOMContentLoaded", () => {
  for (const it of document.querySelectorAll("a.address")) if (!it.textContent.includes("/")) it.textContent = it.href;
});

// From a file: address the search may not read the pages it finds, to quote from them.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
