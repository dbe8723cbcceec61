// Shows whether the live parts of the page are live: a stream that has been silent for three beats counts as lost.
"use strict";
(() => {
  const silence = 30000;
  const status = document.getElementById("link");
  if (!status) return;
  let timer;
  const set = (state) => { status.dataset.state = state; };
  const heard = () => {
    set("live");
    clearTimeout(timer);
    timer = setTimeout(() => set("lost"), silence);
  };
  document.body.addEventListener("htmx:sseOpen", heard);
  document.body.addEventListener("htmx:sseMessage", heard);
  document.body.addEventListener("htmx:sseError", () => set("lost"));
})();
