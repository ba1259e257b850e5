// Keys and copy buttons. Every page works without them.
"use strict";
(() => {
  const KEYS = [
    ["/", "search"],
    ["j, k", "next, previous result"],
    ["Enter", "open the result"],
    ["n, p", "next, previous highlight"],
    ["?", "this list"],
  ];
  const isTyping = (target) => target.matches("input, textarea, select") || target.isContentEditable;

  // A list of elements that the keys step through.
  const stepper = (selector, isStart) => {
    const elements = [...document.querySelectorAll(selector)];
    let place = elements.findIndex(isStart);
    return {
      current: () => elements[place],
      step: (by) => {
        if (!elements.length) return;
        place = place < 0 && by < 0 ? elements.length - 1 : (place + by + elements.length) % elements.length;
        const element = elements[place];
        if (!element.matches("a")) element.tabIndex = -1;
        element.focus({ preventScroll: true });
        element.scrollIntoView({ block: element.offsetHeight > innerHeight / 2 ? "start" : "center" });
      },
    };
  };
  const results = stepper(".statement, .document", () => false);
  const isDocument = document.querySelector(".text .anchor") !== null;
  const highlights = stepper(isDocument ? ".text .anchor" : "main mark", (element) => `#${element.id}` === location.hash);

  const focusSearch = () => {
    const field = document.querySelector("#q");
    if (field) field.select();
    else document.querySelector("a.site")?.focus();
  };

  const add = (parent, tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.append(element);
    return element;
  };

  const showHelp = () => {
    let dialog = document.querySelector("dialog");
    if (!dialog) {
      dialog = add(document.body, "dialog", "");
      dialog.setAttribute("aria-labelledby", "keys");
      add(dialog, "h2", "Keys").id = "keys";
      const list = add(dialog, "dl", "");
      for (const [keys, meaning] of KEYS) {
        add(add(list, "dt", ""), "kbd", keys);
        add(list, "dd", meaning);
      }
      const more = add(add(dialog, "p", ""), "a", "How to search");
      more.href = document.querySelector("a.help")?.href ?? "/help/query";
      const close = add(dialog, "button", "Close");
      close.addEventListener("click", () => dialog.close());
    }
    dialog.showModal();
  };

  const actions = {
    "/": focusSearch,
    j: () => results.step(1),
    k: () => results.step(-1),
    n: () => highlights.step(1),
    p: () => highlights.step(-1),
    "?": showHelp,
    Enter: () => results.current().querySelector("a.id, h2 a")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (!results.current() || event.target !== results.current())) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });

  // Copy buttons, where the browser lets a page copy: on this machine, or with https.
  if (!navigator.clipboard) return;
  for (const source of document.querySelectorAll(".copyable")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy second small";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    if (source.matches("input")) source.after(button);
    else source.before(button);
  }
})();
