// A list at the left, one of its rows at the right: what sample browser and comparison share.

import { h, replace } from "./dom.js";
import { t, whole } from "./text.js";

export const PAGE = 100;

// `rowOf(row)` makes the content of a row, `show(row)` the detail; `turn(offset)` loads a page.
export function splitView({ rowOf, show, turn }) {
  const list = h("ul", { class: "rows", role: "listbox", tabindex: 0, "aria-label": t("answers") });
  const said = h("span", {});
  const back = h("button", { onclick: () => move(-1) }, "‹");
  const next = h("button", { onclick: () => move(1) }, "›");
  back.setAttribute("aria-label", t("page before"));
  next.setAttribute("aria-label", t("next page"));
  const detail = h("div", { class: "detail", tabindex: -1, role: "region", "aria-label": t("one answer") });
  const left = h("div", { class: "list" }, list, h("div", { class: "pager" }, back, said, next));
  const box = h("div", { class: "split" }, left, detail);
  const state = { rows: [], at: -1, offset: 0, total: 0 };

  function move(pages) {
    const offset = state.offset + pages * PAGE;
    if (offset >= 0 && offset < state.total) return turn(offset);
    return null;
  }

  function fill(page, chosen) {
    Object.assign(state, { rows: page.rows, offset: page.offset, total: page.total, at: -1 });
    replace(list, page.rows.map((row, at) =>
      h("li", { role: "option", id: `row-${at}`, "aria-selected": "false", onclick: () => choose(at, true) }, rowOf(row))));
    const end = page.offset + page.rows.length;
    replace(said, page.total
      ? t("{first} to {last} of {total}", { first: whole(page.offset + 1), last: whole(end), total: whole(page.total) })
      : t("nothing fits"));
    back.disabled = page.offset === 0;
    next.disabled = end >= page.total;
    if (!page.rows.length) replace(detail);
    const at = page.rows.findIndex(chosen || (() => false));
    if (page.rows.length) choose(Math.max(at, 0), at >= 0 && Boolean(chosen && chosen.open));
  }

  function choose(at, open) {
    const before = list.children[state.at];
    if (before) before.setAttribute("aria-selected", "false");
    state.at = at;
    const node = list.children[at];
    node.setAttribute("aria-selected", "true");
    list.setAttribute("aria-activedescendant", node.id);
    node.scrollIntoView({ block: "nearest" });
    if (open) box.classList.add("open");
    show(state.rows[at], detail);
  }

  function step(by) {
    const at = state.at + by;
    if (at >= 0 && at < state.rows.length) choose(at, false);
    else if (by > 0) move(1);
    else move(-1);
  }

  function close() {
    box.classList.remove("open");
    list.focus();
  }

  const keys = {
    j: { act: () => step(1), says: () => t("next answer") },
    k: { act: () => step(-1), says: () => t("answer before") },
    Enter: {
      act: () => {
        if (state.at < 0) return;
        box.classList.add("open");
        detail.focus();
      },
      says: () => t("go into the answer"),
    },
    Escape: { act: close, says: () => t("back to the list; out of a field") },
    ArrowLeft: { act: () => move(-1), says: () => t("page before") },
    ArrowRight: { act: () => move(1), says: () => t("next page") },
  };

  // Both columns end where the window does.
  function fit() {
    const top = box.getBoundingClientRect().top + scrollY;
    document.documentElement.style.setProperty("--rest", `${Math.max(280, innerHeight - top - 2)}px`);
  }

  return { box, detail, fill, keys, close, fit, state };
}

export function selectOf(label, value, options, change) {
  const node = h("select", { onchange: () => change(node.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  return h("label", {}, label, node);
}

export function searchField(label, value, change) {
  let timer = 0;
  const node = h("input", { type: "search", value, id: "search", autocomplete: "off", spellcheck: "false" });
  node.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => change(node.value), 250);
  });
  return h("label", { class: "search" }, label, node);
}
