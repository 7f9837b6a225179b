/* The work list by keyboard: move, choose, confirm, undo. Every key has a button; the keys are listed on the page and can
   be switched off there. */
(() => {
  "use strict";

  const form = document.querySelector("[data-worklist]");
  const help = document.querySelector("[data-keys]");
  const undo = document.querySelector("[data-key-undo]");
  const STORED = "keys-off";

  // A second press of a button sends nothing.
  if (form) {
    let isSent = false;
    form.addEventListener("submit", (event) => {
      if (isSent) event.preventDefault();
      isSent = true;
    });
    window.addEventListener("pageshow", () => { isSent = false; });
  }
  if (!form && !undo) return;

  let isOn = true;
  try { isOn = localStorage.getItem(STORED) !== "yes"; } catch { /* nothing is kept in this browser */ }
  const show = () => document.documentElement.classList.toggle("has-keys", isOn);
  if (help) {
    const box = help.querySelector("[data-keys-on]");
    help.hidden = false;
    box.checked = isOn;
    box.addEventListener("change", () => {
      isOn = box.checked;
      try { localStorage.setItem(STORED, isOn ? "no" : "yes"); } catch { /* it holds until the page is left */ }
      show();
    });
  }
  show();

  const rows = () => [...document.querySelectorAll("[data-worklist] [data-row]")];
  const current = () => document.activeElement?.closest("[data-row]");
  const move = (step) => {
    const all = rows();
    const next = all[current() ? all.indexOf(current()) + step : 0];
    if (next) next.focus();
  };
  // On a button, a link or a box these keys mean what they always mean.
  const onRow = (event) => event.target === current();

  const KEYS = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    u: () => undo?.click(),
    "?": () => {
      if (!help) return;
      help.open = !help.open;
      if (help.open) help.querySelector("summary").focus();
    },
    Enter: (event) => onRow(event) && current().querySelector("[data-key-confirm]")?.click(),
    " ": (event) => onRow(event) && current().querySelector("input[name=chosen]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (!isOn || isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key === "Enter") return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const isForRow = ["Enter", " "].includes(event.key);
    const isArrow = event.key.startsWith("Arrow");
    if (!act || isForRow && !onRow(event) || isArrow && !current()) return;
    event.preventDefault();
    act(event);
  });

  // After a decision one goes on with what is now at the top.
  if (document.querySelector("[data-key-undo]")) rows()[0]?.focus({ preventScroll: true });
})();
