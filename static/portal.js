/* What makes pages quicker to use. Nothing here is needed: every page works without it. */
(() => {
  "use strict";

  const ready = (root) => {
    for (const button of root.querySelectorAll("[data-copy]")) {
      if (!navigator.clipboard) continue;
      button.hidden = false;
    }
    // On a telephone the view that is shown may stand beside the screen.
    for (const tab of root.querySelectorAll(".tabs [aria-current]")) {
      tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft;
    }
    const wrong = root.querySelector("[data-focus]");
    if (wrong) wrong.focus();
  };

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).innerText);
      copy.querySelector("span").textContent = copy.dataset.copied;
      say(copy.dataset.copied);
      return;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && dialog.showModal) {
        event.preventDefault();
        // One that is drawn open in the page cannot become modal.
        dialog.close();
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    // A menu closes when something else is pressed.
    for (const open of document.querySelectorAll("details.switch[open], details.menu[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.switch[open], details.menu[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  const say = (text) => {
    const status = document.getElementById("status");
    if (status) status.textContent = text;
  };

  document.addEventListener("htmx:afterSwap", (event) => ready(event.target));
  ready(document);
})();
