/* Lists: say how many rows are chosen and their sum while one chooses; say when a part could not be loaded. Everything
   here also works without it: the bar is then always there, "choose all" is a link, and the sum is said afterwards. */
(() => {
  "use strict";

  const sums = (boxes) => {
    const cents = new Map();
    for (const box of boxes) {
      const { amount, currency } = box.dataset;
      if (amount && currency) cents.set(currency, (cents.get(currency) || 0) + Math.round(Number(amount) * 100));
    }
    return [...cents].sort().map(([currency, sum]) =>
      new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(sum / 100)).join(" + ");
  };

  const show = () => {
    const form = document.querySelector("[data-list-form]");
    if (!form) return;
    const boxes = [...form.querySelectorAll("input[name=chosen]")];
    const chosen = boxes.filter((box) => box.checked);
    const bar = form.querySelector("[data-list-bulk]");
    const all = form.querySelector("[data-list-all]");
    bar.classList.toggle("bulk--idle", !chosen.length);
    for (const button of bar.querySelectorAll("button")) button.hidden = !chosen.length;
    const text = (chosen.length === 1 ? bar.dataset.one : bar.dataset.many).replace("#", chosen.length);
    const sum = sums(chosen);
    bar.querySelector("[data-list-count]").textContent = chosen.length ? (sum ? `${text} · ${sum}` : text) : "";
    all.textContent = chosen.length === boxes.length ? bar.dataset.none : bar.dataset.all;
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-list-form] input[name=chosen]")) show();
  });
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-list-all]");
    if (!all) return;
    event.preventDefault();
    event.stopPropagation();
    const boxes = [...document.querySelectorAll("[data-list-form] input[name=chosen]")];
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
    show();
  }, true);

  const failed = (is) => {
    const banner = document.getElementById("list-failed");
    if (banner) banner.hidden = !is;
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
    document.addEventListener(name, () => failed(true));
  document.addEventListener("htmx:afterSwap", () => { failed(false); show(); });
  show();
})();
