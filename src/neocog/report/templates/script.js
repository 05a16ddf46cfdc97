"use strict";
(() => {
  const data = JSON.parse(document.getElementById("galleries").textContent);
  const dialog = document.getElementById("gallery");
  const pictures = document.getElementById("gallery-pictures");
  const TINY = 64;

  const shown = (entry, first) => {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    const caption = document.createElement("figcaption");
    const [png, words] = entry;
    image.addEventListener("load", () => image.classList.toggle("tiny", image.naturalWidth <= TINY));
    image.src = "data:image/png;base64," + data.images[png];
    image.alt = words;
    caption.textContent = words;
    if (first) figure.className = "first";
    figure.append(image, caption);
    return figure;
  };

  const open = (opener) => {
    const gallery = data.galleries[opener.getAttribute("data-gallery")];
    if (!gallery) return;
    const start = opener.hasAttribute("data-start") ? Number(opener.getAttribute("data-start")) : -1;
    const title = start < 0 ? opener.getAttribute("aria-label") : gallery.title;
    document.getElementById("gallery-title").textContent = title;
    document.getElementById("gallery-note").textContent = gallery.note;
    pictures.replaceChildren(...gallery.pictures.map((entry, i) => shown(entry, i === start)));
    dialog.showModal();
    dialog.scrollTop = 0;
    const first = pictures.querySelector(".first");
    if (first) first.scrollIntoView({ block: "center" });
  };

  const nearest = (from, key, all) => {
    const box = (node) => node.getBoundingClientRect();
    const here = box(from);
    const across = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const steps = all.map((node) => {
      const along = sign * (across ? box(node).x - here.x : box(node).y - here.y);
      const aside = Math.abs(across ? box(node).y - here.y : box(node).x - here.x);
      return { node, along, cost: along + 3 * aside };
    });
    return steps.filter((step) => step.along > 1).sort((a, b) => a.cost - b.cost)[0];
  };

  for (const drawing of document.querySelectorAll("svg.figure")) {
    const openers = [...drawing.querySelectorAll("[data-gallery]")];
    const rove = (chosen) => openers.forEach((node) => node.setAttribute("tabindex", node === chosen ? "0" : "-1"));
    if (openers.length) rove(openers[0]);
    for (const opener of openers) {
      opener.addEventListener("click", () => open(opener));
      opener.addEventListener("focus", () => rove(opener));
      opener.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          open(opener);
        } else if (event.key.startsWith("Arrow")) {
          const step = nearest(opener, event.key, openers);
          if (!step) return;
          event.preventDefault();
          step.node.focus();
        }
      });
    }
  }

  document.getElementById("gallery-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      details.open = true;
      details.dataset.printed = "";
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-printed]")) {
      details.open = false;
      delete details.dataset.printed;
    }
  });
})();
