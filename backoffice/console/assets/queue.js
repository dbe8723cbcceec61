// Keeps the waiting list as the office has it: puts in what has changed, counts the minutes, and shows the queue of somebody else
// when it is opened.
"use strict";
(() => {
  const opened = new Set(); // the queues that are open
  let ahead = 0; // how far the office's clock is ahead of this one's, in milliseconds

  const board = () => document.querySelector("[data-now]");

  // Minutes are counted here: a visitor who waits longer is nothing that has to be told.
  const count = () => {
    const format = board()?.dataset.minutes;
    if (!format) return;
    for (const place of document.querySelectorAll("[data-since]")) {
      const text = format.replace("%d", Math.max(0, Math.floor((Date.now() + ahead - place.dataset.since) / 60000)));
      if (place.textContent !== text) place.textContent = text;
    }
  };
  const setClock = (now) => {
    ahead = now - Date.now();
    count();
  };

  const nodes = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  // keep changes a part of the page and leaves open what was open, and the keyboard where it was.
  const keep = (change) => {
    const held = document.activeElement?.id;
    const open = [...document.querySelectorAll("details.ended[open], .lead details[open]")].map((d) => d.className);
    change();
    for (const name of open) {
      for (const d of document.querySelectorAll("details")) if (d.className === name) d.open = true;
    }
    if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
  };

  const update = (message) => {
    const news = JSON.parse(message.data);
    keep(() => {
      for (const [id, html] of Object.entries(news.parts ?? {})) {
        document.querySelector(`[data-part="${CSS.escape(id)}"]`)?.replaceChildren(nodes(html));
      }
      for (const [id, order] of Object.entries(news.lists ?? {})) list(document.querySelector(`[data-list="${CSS.escape(id)}"]`), order, news.rows ?? {});
    });
    setClock(news.now);
    refresh();
  };

  // list brings the rows of a list into an order; those that have changed come with it.
  const list = (place, order, rows) => {
    if (!place) return;
    const had = new Map([...place.children].map((row) => [row.id, row]));
    let before = null; // the row that the next one follows
    for (const id of order) {
      let row = had.get(id);
      had.delete(id);
      if (rows[id]) {
        const made = nodes(rows[id]).firstElementChild;
        row?.replaceWith(made);
        row = made;
      }
      if (!row) continue;
      const next = before ? before.nextSibling : place.firstChild;
      if (row !== next) place.insertBefore(row, next);
      before = row;
    }
    for (const row of had.values()) row.remove();
    for (const child of [...place.childNodes]) if (child.nodeType !== Node.ELEMENT_NODE) child.remove();
  };

  // The queues of others that are too long for every page are fetched when they are opened, and again when they have changed.
  const fill = async (desk) => {
    const place = desk.querySelector(".rows");
    const mark = desk.querySelector("[data-mark]")?.dataset.mark;
    if (!place || !desk.open || place.dataset.mark === mark) return;
    place.dataset.mark = mark;
    try {
      const answer = await fetch(`/waiting/${encodeURIComponent(desk.dataset.desk)}/rows`);
      if (!answer.ok) throw new Error(answer.statusText);
      const html = await answer.text();
      keep(() => place.replaceChildren(nodes(html)));
      count();
    } catch {
      delete place.dataset.mark; // the next change tries again
    }
  };
  let due; // at most once a second, however often the queue changes
  const refresh = () => {
    due ??= setTimeout(() => {
      due = undefined;
      for (const desk of document.querySelectorAll("details.desk[open]")) fill(desk);
    }, 1000);
  };
  document.addEventListener("toggle", (event) => {
    const desk = event.target;
    if (!desk.matches?.("details.desk") || !desk.querySelector(".rows")) return;
    if (desk.open) opened.add(desk.dataset.desk);
    else opened.delete(desk.dataset.desk);
    fill(desk);
  }, true);

  // After a whole snapshot, as on coming back, what was open is opened again.
  const anew = () => {
    setClock(Number(board()?.dataset.now));
    for (const desk of document.querySelectorAll("details.desk")) if (opened.has(desk.dataset.desk)) desk.open = true;
  };

  document.body.addEventListener("htmx:sseOpen", (event) => event.detail.source.addEventListener("update", update));
  document.body.addEventListener("htmx:sseMessage", (event) => { if (event.detail.type === "snapshot") anew(); });
  setClock(Number(board()?.dataset.now));
  setInterval(count, 5000);
})();
