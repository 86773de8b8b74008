// Keys: each page says what it understands; "?" shows it.

import { h, replace } from "./dom.js";
import { t } from "./text.js";

let known = {};

export function listen(keys) {
  known = keys;
}

function typing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const open = document.querySelector("dialog[open]");
    if (open) return; // Escape closes it
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      showHelp();
      return;
    }
    const name = { ArrowDown: "j", ArrowUp: "k" }[event.key] || event.key;
    if (name === "Enter" && event.target instanceof Element && event.target.closest("a, button, summary")) return;
    const found = known[name];
    if (found) {
      event.preventDefault();
      found.act();
    }
  });
}

const NAMES = { j: ["j", "↓"], k: ["k", "↑"], ArrowLeft: ["←"], ArrowRight: ["→"], Escape: ["esc"] };

export function showHelp() {
  const box = h("dialog", { "aria-labelledby": "keys" });
  const rows = Object.entries(known).map(([name, one]) =>
    h("tr", {},
      h("td", { class: "keep" }, (NAMES[name] || [name.toLowerCase()]).map((key, at) => [at ? " " : "", h("kbd", {}, key)])),
      h("td", {}, one.says()),
    ),
  );
  rows.push(h("tr", {}, h("td", {}, h("kbd", {}, "?")), h("td", {}, t("this list"))));
  replace(box,
    h("h2", { id: "keys" }, t("Keys")),
    h("table", {}, h("tbody", {}, rows)),
    h("div", { class: "actions" }, h("button", { onclick: () => box.close() }, t("Close"))),
  );
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
