// Sends forms, so that a click while the office does not answer ends on this page and not on an error page of the browser. Whoever
// clicked is told, and may try again: what was done already is not done twice, since the office takes nobody as next while
// somebody is at the desk, and calls or ends a visit only once.
"use strict";
(() => {
  const failed = document.getElementById("failed");
  if (!failed) return;
  const patience = 15000; // milliseconds
  const link = document.getElementById("link");
  let again;
  let sending = false;

  const fail = (retry) => {
    again = retry;
    failed.hidden = false;
    document.getElementById("failed-again").focus();
  };

  const show = (text, type) => {
    if (!type.startsWith("text/html")) {
      document.body.textContent = text;
      return;
    }
    document.open();
    document.write(text);
    document.close();
  };

  const send = async (form, action, body) => {
    if (sending) return;
    sending = true;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(action, {
        method: "POST",
        headers: { Accept: "text/html", "Foyer-Form": "1" },
        body,
        signal: AbortSignal.timeout(patience),
      });
      const to = answer.headers.get("Foyer-Location");
      if (to !== null) {
        location.assign(to);
        return;
      }
      if (answer.status < 500) {
        // What was done is done: a page that answers without a way on, as with a password that is shown once, is shown as it came.
        show(await answer.text(), answer.headers.get("Content-Type") ?? "");
        return;
      }
      throw new Error("the office cannot do it now");
    } catch {
      fail(() => send(form, action, body));
    }
    sending = false;
    form.removeAttribute("aria-busy");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.enctype !== "application/x-www-form-urlencoded" || form.dataset.plain) return;
    event.preventDefault();
    failed.hidden = true;
    send(form, form.action, new URLSearchParams(new FormData(form, event.submitter)));
  });

  // A link is followed by the browser itself, but not while it is known to lead nowhere.
  document.addEventListener("click", (event) => {
    const way = event.target.closest?.("a[href]");
    if (!way || way.origin !== location.origin || way.getAttribute("href").startsWith("#") || link?.dataset.state !== "lost") return;
    event.preventDefault();
    fail(async () => {
      try {
        await fetch("/session", { method: "POST", signal: AbortSignal.timeout(patience) });
        location.assign(way.href);
      } catch {
        fail(again);
      }
    });
  });

  document.getElementById("failed-again").addEventListener("click", () => {
    failed.hidden = true;
    again?.();
  });
  document.getElementById("failed-close").addEventListener("click", () => { failed.hidden = true; });
})();
