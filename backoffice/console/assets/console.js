// Shows whether the live parts of the page are live, and takes everything off the screen once the session has ended.
"use strict";
(() => {
  const status = document.getElementById("link");
  if (!status) return;
  const silence = 30000; // three beats
  const idle = 1000 * status.dataset.idle;
  const warning = document.getElementById("warning");
  const endings = document.getElementById("endings");
  let heardAt = Date.now();
  let activeAt = heardAt;
  let source;
  let ended = false;

  // end takes the page off the screen before anything else, and says why. An ending of the session leads to the sign-in.
  const end = (why) => {
    if (ended) return;
    ended = true;
    source?.close();
    document.body.removeAttribute("sse-connect"); // htmx would come again
    const page = endings.content.cloneNode(true);
    for (const text of page.querySelectorAll("[data-why]")) {
      if (text.dataset.why !== why) text.remove();
    }
    const next = page.querySelector("[data-next]")?.dataset.next;
    document.title = "Foyer";
    document.body.className = "narrow";
    document.body.replaceChildren(page);
    if (next) location.replace(next);
  };

  const heard = () => {
    heardAt = Date.now();
    status.dataset.state = "live";
  };

  // ask asks why a stream was refused for good: the session has ended, or the visitor's file was erased.
  const ask = async () => {
    const question = new AbortController();
    try {
      const answer = await fetch(source.url, { headers: { Accept: "text/event-stream" }, signal: question.signal });
      if (answer.status === 401) end((await answer.text()) || "expired");
      if (answer.status === 204) end("erased");
    } catch {
      // the connection is lost, and the page says so
    } finally {
      question.abort();
    }
  };

  document.body.addEventListener("htmx:sseOpen", (event) => {
    source = event.detail.source;
    source.addEventListener("ended", (message) => end(message.data));
    source.addEventListener("warning", (message) => { warning.hidden = message.data !== "soon"; });
    heard();
  });
  document.body.addEventListener("htmx:sseMessage", heard);
  document.body.addEventListener("htmx:sseError", (event) => {
    if (ended) return;
    status.dataset.state = "lost";
    source = event.detail.source;
    if (source.readyState === EventSource.CLOSED) ask();
  });

  // Whoever reads a long file works, too. The server is told, sparingly.
  const active = async (event) => {
    const now = Date.now();
    if (ended || !event.isTrusted || (warning.hidden && now - activeAt < idle / 10)) return;
    activeAt = now;
    warning.hidden = true;
    try {
      const answer = await fetch("/session", { method: "POST" });
      if (answer.status === 401) end((await answer.text()) || "expired");
    } catch {
      // the connection is lost, and the page says so
    }
  };
  for (const sign of ["pointerdown", "keydown", "wheel"]) addEventListener(sign, active, { passive: true });

  // Cut off from the server a page cannot know whether its session lives, and does not stay longer than an idle one may.
  setInterval(() => {
    const silent = Date.now() - heardAt;
    if (silent > silence && !ended) status.dataset.state = "lost";
    if (silent > idle) end("unreachable");
  }, 1000);

  // A page that the browser keeps to go back to is empty, and made anew.
  addEventListener("pagehide", () => { document.body.hidden = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
