// What scrolls within itself can be reached, and so scrolled, with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll("div.math, div.cell_output, .pst-scrollable-table-container").forEach((it) => observer.observe(it));
});
