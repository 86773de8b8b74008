// Two models, or two runs, on the same samples.

import { answerView, promptView, verdictTag } from "./answer.js";
import { PAGE, searchField, selectOf, splitView } from "./browse.js";
import { address, h, replace, say } from "./dom.js";
import { share, t, whole } from "./text.js";
import { filtersOf, idField } from "./samples.js";
import { source } from "./source.js";

const taskName = (one) => [one.model, one.dataset, one.load].filter(Boolean).join(" / ");

function pairRow(row) {
  return [
    h("div", { class: "top" },
      h("span", { class: "id" }, row.id, row.repeat ? h("span", { class: "quiet" }, ` #${row.repeat + 1}`) : null),
      verdictTag(row.left_verdict, row.left_value), verdictTag(row.right_verdict, row.right_value)),
    h("div", { class: "small quiet" }, `${row.left_extracted ?? "—"} | ${row.right_extracted ?? "—"}`),
  ];
}

// Where the suite of a run does not say otherwise: the task of the same data set and model.
function fitting(run, other, task) {
  const wanted = other.tasks[task];
  if (!wanted) return 0;
  const same = (keys) => run.tasks.findIndex((one) => keys.every((key) => one[key] === wanted[key]));
  return Math.max(same(["model", "dataset", "load"]), same(["dataset", "load"]), same(["dataset"]), 0);
}

export async function comparePage(main, query, go, alive) {
  const [left, right] = await Promise.all([source.run(query.a), source.run(query.b)]);
  if (!left.tasks.length || !right.tasks.length) throw new Error(t("One of the two runs has no answers to compare."));
  query.a_task = query.a_task || "0";
  query.b_task = query.b_task || String(fitting(right, left, Number(query.a_task)));
  const filters = h("div", { class: "filters", role: "search" });
  const told = h("p", { class: "small quiet", role: "status" });
  const view = splitView({ rowOf: pairRow, show, turn });
  const search = searchField(t("Search"), query.q || "", (value) => change("q", value));
  const id_ = idField(query, change);
  let asked = 0;

  const here = () => history.replaceState(null, "", address("/compare", query));

  function change(key, value) {
    query[key] = value;
    for (const one of ["id", "repeat", "offset"]) delete query[one];
    here();
    load();
  }

  function turn(offset) {
    query.offset = offset;
    delete query.id;
    load();
  }

  async function load() {
    asked += 1;
    const number_ = asked;
    const { id, repeat, ...rest } = query;
    let page;
    try {
      page = await source.pairs({ ...rest, limit: PAGE });
    } catch (error) {
      if (alive()) replace(told, h("span", { class: "problem" }, error.message));
      return;
    }
    if (number_ !== asked || !alive()) return;
    view.fill(page, id !== undefined && ((row) => row.id === id && String(row.repeat) === String(repeat || 0)));
    const typing = filters.contains(document.activeElement);
    if (!typing || !filters.children.length) drawFilters(page);
    replace(told, t("{n} pairs; {differ} of all common ones differ in verdict or score", { n: whole(page.total), differ: whole(page.differing) }),
      page.indexed < 1 ? ` · ${t("the index is being made: {share} of the text can be searched", { share: share(page.indexed) })}` : "");
    view.fit();
    say(t("{n} pairs", { n: whole(page.total) }));
    if (page.indexed < 1) setTimeout(() => alive() && number_ === asked && load(), 1500);
  }

  function drawFilters(page) {
    const box = h("input", { type: "checkbox", checked: Boolean(query.differ), onchange: (event) => change("differ", event.target.checked ? "1" : "") });
    const task = (key, run, label) => selectOf(label, query[`${key}_task`],
      run.tasks.map((one, at) => [String(at), taskName(one)]), (value) => change(`${key}_task`, value));
    replace(filters, task("a", left, t("Left")), task("b", right, t("Right")),
      h("label", { class: "check" }, box, t("they differ")),
      filtersOf(query, change, { parts: page.parts }, search), id_);
  }

  async function side(run, task, row) {
    try {
      return await source.sample(run, task, row.id, row.repeat);
    } catch (error) {
      return error;
    }
  }

  async function show(row, detail) {
    Object.assign(query, { id: row.id, repeat: row.repeat || "" });
    here();
    const [a, b] = await Promise.all([side(query.a, query.a_task, row), side(query.b, query.b_task, row)]);
    if (query.id !== row.id || String(query.repeat || 0) !== String(row.repeat) || !alive()) return;
    const half = (run, id, task, answer) => h("section", {},
      h("h2", {}, taskName(run.tasks[Number(task)]), " ", h("a", {
        class: "small", href: address(`/samples/${id}/${task}`, { id: row.id, repeat: row.repeat, open: "1" }),
      }, t("alone"))),
      h("p", { class: "small quiet" }, run.path),
      answer instanceof Error ? h("p", { class: "problem" }, answer.message) : answerView(id, answer, true));
    const same = !(a instanceof Error) && !(b instanceof Error) &&
      JSON.stringify(a.turns[0].prompt) === JSON.stringify(b.turns[0].prompt);
    const prompts = a instanceof Error || b instanceof Error ? null : same ? promptView(query.a, a)
      : h("div", {}, h("p", { class: "mind" }, t("the prompts differ")),
        h("div", { class: "sides" }, h("section", {}, promptView(query.a, a)), h("section", {}, promptView(query.b, b))));
    replace(detail,
      h("button", { class: "back", onclick: view.close }, t("Back to the list")),
      h("h1", {}, row.id, row.repeat ? h("span", { class: "quiet" }, ` #${row.repeat + 1}`) : null),
      prompts,
      h("div", { class: "sides" }, half(left, query.a, query.a_task, a), half(right, query.b, query.b_task, b)));
    detail.scrollTop = 0;
  }

  document.title = `${t("Compare")} – aisbench view`;
  main.classList.add("full");
  replace(main,
    h("p", { class: "crumbs" }, h("a", { href: "#/" }, t("Runs")), " / ",
      h("a", { href: address(`/run/${query.a}`) }, left.path),
      query.a === query.b ? null : [" | ", h("a", { href: address(`/run/${query.b}`) }, right.path)]),
    filters, told, view.box);
  view.fit();
  addEventListener("resize", view.fit);
  await load();
  return {
    ...view.keys,
    d: { act: () => { change("differ", query.differ ? "" : "1"); drawFilters({ parts: [] }); }, says: () => t("only where they differ") },
    "/": { act: () => document.getElementById("search").focus(), says: () => t("search") },
  };
}
