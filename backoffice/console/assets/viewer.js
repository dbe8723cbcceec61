// Lays the pictures of a page in its lights over each other, and enlarges the same place in all of them.
"use strict";
(() => {
  const step = 0.02;
  const size = 220; // of the lens, in CSS pixels

  for (const page of document.querySelectorAll(".page")) {
    const pictures = page.querySelector(".pictures");
    const figures = [...pictures.querySelectorAll("figure")];
    const over = page.querySelector(".over");
    const magnify = page.querySelector(".magnify");
    const mix = page.querySelector(".mix");
    const slider = mix.querySelector("input");
    const hint = page.querySelector(".hint");
    const names = figures.map((f) => f.querySelector("figcaption").textContent);
    const place = { x: 0.5, y: 0.5, zoom: 3 };
    let lenses = [];
    page.querySelector(".tools").hidden = false;

    // blend shows each light over the one before it, as far as the slider has come.
    const blend = () => {
      const at = Number(slider.value);
      figures.forEach((figure, i) => { figure.style.opacity = pictures.classList.contains("together") ? Math.max(0, Math.min(1, i ? at - i + 1 : 1)) : ""; });
      const low = Math.floor(at);
      const part = Math.round((at - low) * 100);
      slider.setAttribute("aria-valuetext", part ? `${names[low]} ${100 - part} %, ${names[low + 1]} ${part} %` : names[low]);
    };
    over?.addEventListener("click", () => {
      const on = over.ariaPressed !== "true";
      over.ariaPressed = String(on);
      pictures.classList.toggle("together", on);
      page.querySelector(".lights").hidden = on;
      mix.hidden = !on;
      blend();
      draw();
    });
    slider.addEventListener("input", blend);

    const draw = () => {
      for (const { lens, picture } of lenses) {
        const width = picture.naturalWidth / place.zoom;
        const scale = picture.clientWidth / picture.naturalWidth || 1;
        const part = Math.min(width, size / (scale * place.zoom));
        const pen = lens.getContext("2d");
        pen.fillStyle = "#888";
        pen.fillRect(0, 0, size, size);
        pen.drawImage(picture, place.x * picture.naturalWidth - part / 2, place.y * picture.naturalHeight - part / 2, part, part, 0, 0, size, size);
        lens.style.left = `${100 * place.x}%`;
        lens.style.top = `${100 * place.y}%`;
      }
    };
    const close = () => {
      for (const { lens } of lenses) lens.remove();
      lenses = [];
      magnify.ariaPressed = "false";
      hint.hidden = true;
    };
    const move = (x, y) => {
      place.x = Math.max(0, Math.min(1, x));
      place.y = Math.max(0, Math.min(1, y));
      draw();
    };
    magnify.addEventListener("click", () => {
      if (lenses.length) return close();
      magnify.ariaPressed = "true";
      hint.hidden = false;
      lenses = figures.map((figure) => {
        const lens = document.createElement("canvas");
        lens.className = "lens";
        lens.width = lens.height = size;
        lens.ariaHidden = "true";
        figure.querySelector("a").append(lens);
        return { lens, picture: figure.querySelector("img") };
      });
      draw();
    });
    pictures.addEventListener("pointermove", (event) => {
      const picture = event.target.closest?.("a")?.querySelector("img");
      if (!lenses.length || !picture) return;
      const box = picture.getBoundingClientRect();
      move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    magnify.addEventListener("keydown", (event) => {
      if (!lenses.length || event.ctrlKey || event.altKey || event.metaKey) return;
      const doing = {
        ArrowLeft: () => move(place.x - step, place.y), ArrowRight: () => move(place.x + step, place.y),
        ArrowUp: () => move(place.x, place.y - step), ArrowDown: () => move(place.x, place.y + step),
        "+": () => { place.zoom = Math.min(12, place.zoom * 1.25); draw(); },
        "-": () => { place.zoom = Math.max(1.5, place.zoom / 1.25); draw(); },
        Escape: close,
      }[event.key];
      if (!doing) return;
      event.preventDefault();
      doing();
    });
  }
})();
