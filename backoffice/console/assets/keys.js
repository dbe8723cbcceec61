// Leads to the parts of a page by single letters, which a list on the page names, and shows that list.
"use strict";
(() => {
  const list = document.getElementById("keys");
  const show = document.getElementById("show-keys");
  if (!list || !show) return;
  const off = "off" in list.dataset;
  const rows = [...list.querySelectorAll("[data-key]")];
  const target = (row) => document.querySelector(row.dataset.to);
  show.hidden = false;
  show.addEventListener("click", () => {
    show.closest("details").open = false;
    for (const row of rows) row.hidden = !target(row);
    list.showModal();
  });

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  addEventListener("keydown", (event) => {
    if (off || event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]") || !document.body.contains(list) || typing(event.target)) return;
    const row = rows.find((r) => r.dataset.key === event.key);
    const to = row && target(row);
    if (!to || to.disabled) return;
    event.preventDefault();
    if ("press" in row.dataset) to.click();
    else to.focus();
  });
})();
