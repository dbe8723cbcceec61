// Rings for visitors who asked for a person and to whom nobody has gone yet: in the title while there is one, and with a
// tone, where the browser lets the page sound, when one more has come.
"use strict";
(() => {
  const title = document.title;
  let known = new Set();
  const tone = () => {
    const audio = new AudioContext();
    const bell = audio.createOscillator();
    bell.frequency.value = 660;
    bell.connect(audio.destination);
    bell.addEventListener("ended", () => audio.close());
    bell.start();
    bell.stop(audio.currentTime + 0.4);
  };
  const look = () => {
    const asking = [...document.querySelectorAll("[data-asking]")].map((e) => e.dataset.asking);
    document.title = asking.length ? `(${asking.length}) ${title}` : title;
    if (asking.some((id) => !known.has(id))) tone();
    known = new Set(asking);
  };
  document.body.addEventListener("htmx:sseMessage", look);
  look();
})();
