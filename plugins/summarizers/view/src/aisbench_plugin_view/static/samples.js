// The sample browser: every answer of one model on one data set.

import { answerView, verdictTag } from "./answer.js";
import { PAGE, searchField, selectOf, splitView } from "./browse.js";
import { VERDICTS } from "./charts.js";
import { address, h, replace, say } from "./dom.js";
import { kindName, ms, share, t, verdictName, whole } from "./text.js";
import { source } from "./source.js";

function answerRow(row) {
  return [
    h("div", { class: "top" },
      h("span", { class: "id" }, row.id, row.repeat ? h("span", { class: "quiet" }, ` #${row.repeat + 1}`) : null),
      row.odd ? h("span", { class: "label", title: row.odd }, t("odd")) : null,
      verdictTag(row.verdict, row.value)),
    h("div", { class: "brief" }, row.brief),
    h("div", { class: "small quiet" },
      [
        row.extracted !== null ? `${t("read")} ${row.extracted}` : "",
        row.target !== null && row.verdict !== "right" ? `${t("target")} ${row.target}` : "",
        `${whole(row.completion_tokens)} ${t("tokens")}`,
        ms(row.ms),
      ].filter(Boolean).join(" · ")),
  ];
}

export function filtersOf(query, change, page, search) {
  const verdicts = VERDICTS.filter((one) => page.verdicts ? page.verdicts[one] || query.verdict === one : true);
  const count = (one) => (page.verdicts && page.verdicts[one] ? ` (${whole(page.verdicts[one])})` : "");
  return [
    search,
    selectOf(t("in"), query.within || "", [["", t("prompt and answer")], ["prompt", t("prompt")], ["answer", t("answer")]], (value) => change("within", value)),
    selectOf(t("Verdict"), query.verdict || "", [["", t("all")], ...verdicts.map((one) => [one, verdictName(one) + count(one)]),
      ...(page.verdicts && page.verdicts[""] ? [["none", t("not scored") + count("")]] : [])], (value) => change("verdict", value)),
    page.parts && page.parts.length ? selectOf(t("Part"), query.part || "", [["", t("all")], ...page.parts.map((one) => [one, one])], (value) => change("part", value)) : null,
    page.odd && page.odd.length ? selectOf(t("Odd"), query.odd || "", [["", t("all")], ["any", t("any oddity")],
      ...page.odd.map((one) => [one, kindName(one)])], (value) => change("odd", value)) : null,
  ];
}

export function idField(query, change) {
  const node = h("input", { value: query.sample || "", size: 14, placeholder: "test-1*", autocomplete: "off", spellcheck: "false" });
  node.addEventListener("change", () => change("sample", node.value.trim()));
  return h("label", {}, t("Id"), node);
}

export async function samplesPage(main, [id, task], query, go, alive) {
  const filters = h("div", { class: "filters", role: "search" });
  const told = h("div", { class: "small quiet", role: "status" });
  const head = h("div", {});
  const view = splitView({ rowOf: answerRow, show, turn });
  const search = searchField(t("Search"), query.q || "", (value) => change("q", value));
  const id_ = idField(query, change);
  let asked = 0;

  function here() {
    history.replaceState(null, "", address(`/samples/${id}/${task}`, query));
  }

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

  async function load(quiet) {
    asked += 1;
    const number_ = asked;
    const { id: sample, repeat, ...rest } = query;
    let page;
    try {
      page = await source.samples(id, task, { ...rest, limit: PAGE });
    } catch (error) {
      if (alive()) replace(told, h("p", { class: "problem" }, error.message));
      return;
    }
    if (number_ !== asked || !alive()) return;
    if (!quiet || !view.state.rows.length) {
      view.fill(page, sample !== undefined && Object.assign((row) => row.id === sample && String(row.repeat) === String(repeat || 0), { open: query.open === "1" }));
      if (sample !== undefined && !page.rows.some((row) => row.id === sample)) show({ id: sample, repeat: Number(repeat || 0) }, view.detail);
    }
    drawHead(page);
    const { progress } = page;
    const growing = progress.indexed < 1 || progress.searchable < 1;
    replace(told,
      progress.damage ? h("p", { class: "problem" }, t("a line is damaged and left out: {what}", { what: progress.damage })) : null,
      page.left_out ? h("span", {}, t("{n} answers were left out of this export", { n: whole(page.left_out) })) : null,
      growing ? t("the index is being made: {rows} answers so far, {share} of the text can be searched",
        { rows: whole(progress.answers), share: share(progress.searchable) }) : null);
    view.fit();
    say(t("{n} answers", { n: whole(page.total) }));
    if (growing && !source.static) {
      const partial = view.state.total < PAGE || Boolean(query.q || query.verdict);
      setTimeout(() => alive() && number_ === asked && load(!partial), 1000);
    }
  }

  function drawHead(page) {
    const name = [page.task.model, page.task.dataset, page.task.load].filter(Boolean).join(" / ");
    document.title = `${name} – aisbench view`;
    replace(head, h("p", { class: "crumbs" }, h("a", { href: "#/" }, t("Runs")), " / ",
      h("a", { href: address(`/run/${id}`) }, t("the run")), " / ", name));
    const typing = filters.contains(document.activeElement);
    const orders = [["", t("order of the data set")], ["came", t("as they came")], ["value", t("by score")], ["longest", t("longest first")], ["slowest", t("slowest first")]];
    const made = [...filtersOf(query, change, page, search), id_,
      selectOf(t("Sort"), query.order || "", orders, (value) => change("order", value))];
    if (!typing || !filters.children.length) replace(filters, made);
  }

  async function show(row, detail) {
    query.id = row.id;
    query.repeat = row.repeat || "";
    here();
    let content;
    try {
      const answer = await source.sample(id, task, row.id, row.repeat);
      content = answerView(id, answer);
    } catch (error) {
      content = h("p", { class: "problem" }, error.message);
    }
    if (query.id !== row.id || String(query.repeat || 0) !== String(row.repeat) || !alive()) return;
    replace(detail,
      h("button", { class: "back", onclick: view.close }, t("Back to the list")),
      h("h1", {}, row.id, row.repeat ? h("span", { class: "quiet" }, ` #${row.repeat + 1}`) : null), content);
    detail.scrollTop = 0;
  }

  main.classList.add("full");
  replace(main, head, filters, told, view.box);
  view.fit();
  addEventListener("resize", view.fit);
  await load();
  return {
    ...view.keys,
    "/": { act: () => document.getElementById("search").focus(), says: () => t("search") },
    r: { act: () => go(address(`/run/${id}`)), says: () => t("to the run") },
  };
}
