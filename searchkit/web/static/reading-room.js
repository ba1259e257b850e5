// Keyboard shortcuts. Every page works without them.
"use strict";
(() => {
  const hits = [...document.querySelectorAll(".statement, .document")];
  let place = -1;
  const isTyping = (target) => target.matches("input, textarea, select") || target.isContentEditable;
  const move = (step) => {
    if (!hits.length) return;
    place = Math.min(hits.length - 1, Math.max(0, place + step));
    const hit = hits[place];
    hit.tabIndex = -1;
    hit.focus();
    hit.scrollIntoView({ block: "nearest" });
  };
  const actions = {
    "/": () => document.querySelector("#q")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    "?": () => document.querySelector("a.help")?.click(),
    Enter: () => hits[place]?.querySelector("a.id, h2 a")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target !== hits[place]) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
