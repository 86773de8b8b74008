// The list of runs: figures, filters, trend, tags and notes.

import { address, h, replace } from "./dom.js";
import { searchField, selectOf } from "./browse.js";
import { trendChart } from "./charts.js";
import { figureText, interval, line, moment, share, t, whole } from "./text.js";
import { source } from "./source.js";

const MOST_FIGURES = 4;
const FIRST_ROWS = 200;
const REFRESH_MS = 10_000;

const pause = (ms) => new Promise((done) => {
  setTimeout(done, ms);
});

export function statusName(status) {
  const names = {
    complete: t("complete"),
    running: t("running"),
    unfinished: t("unfinished"),
    damaged: t("damaged"),
    foreign: t("no run"),
    unread: t("being read"),
  };
  return names[status] || status;
}

function series(run) {
  return (run.figures || []).map((one) => ({
    ...one,
    key: [run.name, one.model, one.dataset, one.load, one.name].join(" · ").replace(" ·  · ", " · "),
  }));
}

function unique(values) {
  return [...new Set(values.filter(Boolean))].sort((a, b) => a.localeCompare(b));
}

function texts(run) {
  return [run.name, run.path, run.note, ...(run.tags || []), ...(run.models || []), ...(run.datasets || [])]
    .join("\n").toLowerCase();
}

function kept(run, query) {
  const words = (query.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  return (
    words.every((word) => texts(run).includes(word)) &&
    (!query.name || run.name === query.name) &&
    (!query.model || (run.models || []).includes(query.model)) &&
    (!query.dataset || (run.datasets || []).includes(query.dataset)) &&
    (!query.tag || (run.tags || []).includes(query.tag)) &&
    (!query.status || run.status === query.status) &&
    (!query.since || (run.date || "") >= query.since) &&
    (!query.until || (run.date || "").slice(0, 10) <= query.until)
  );
}

function shownFigures(run, query) {
  const all = run.figures || [];
  const wanted = all.filter((one) =>
    (!query.model || one.model === query.model) && (!query.dataset || one.dataset === query.dataset));
  const first = new Map();
  for (const one of wanted) {
    const task = [one.model, one.dataset, one.load].join("\0");
    if (!first.has(task)) first.set(task, one);
  }
  return [...first.values()];
}

// What gives the focus back to the same place once the rows are others.
function focusIn(table) {
  const here = document.activeElement;
  if (!table.contains(here)) return () => {};
  const row = here.closest("tbody tr");
  const places = (one) => [...one.querySelectorAll("a, input, button")];
  const at = places(row || table).indexOf(here);
  const name = row && row.dataset.run;
  return () => {
    const again = name ? table.querySelector(`tr[data-run="${name}"]`) : table;
    const node = again && places(again)[at];
    if (node) node.focus({ preventScroll: true });
  };
}

const SORTS = {
  date: (a, b) => (a.date || "").localeCompare(b.date || ""),
  name: (a, b) => a.name.localeCompare(b.name),
  models: (a, b) => (a.models || []).join().localeCompare((b.models || []).join()),
  datasets: (a, b) => (a.datasets || []).join().localeCompare((b.datasets || []).join()),
  figure: (a, b) => (a.figures?.[0]?.value ?? -Infinity) - (b.figures?.[0]?.value ?? -Infinity),
  failed: (a, b) => (a.failed ?? -1) - (b.failed ?? -1),
};

export async function runsPage(main, query, go, alive) {
  let made = await source.runs();
  const state = { at: -1, chosen: new Set(), all: false };
  const table = h("div", { class: "box" });
  const trend = h("div", {});
  const filters = h("div", { class: "filters", role: "search" });
  const choice = h("div", { class: "actions" });
  const told = h("div", {});
  replace(main, h("h1", {}, t("Runs")), told, filters, trend, choice, table);

  function change(key, value) {
    query[key] = value;
    history.replaceState(null, "", address("/", query));
    draw();
  }

  function drawFilters() {
    if (filters.contains(document.activeElement)) return; // somebody types or chooses
    const any = (values) => [["", t("all")], ...values.map((one) => [one, one])];
    const runs = made.runs;
    const day = (key, label) => h("label", {}, label,
      h("input", { type: "date", value: query[key] || "", onchange: (event) => change(key, event.target.value) }));
    replace(filters,
      searchField(t("Search"), query.q || "", (value) => change("q", value)),
      selectOf(t("Suite"), query.name || "", any(unique(runs.map((one) => one.name))), (value) => change("name", value)),
      selectOf(t("Model"), query.model || "", any(unique(runs.flatMap((one) => one.models || []))), (value) => change("model", value)),
      selectOf(t("Data set"), query.dataset || "", any(unique(runs.flatMap((one) => one.datasets || []))), (value) => change("dataset", value)),
      selectOf(t("Tag"), query.tag || "", any(unique(runs.flatMap((one) => one.tags || []))), (value) => change("tag", value)),
      selectOf(t("State"), query.status || "",
        [["", t("all")], ...unique(runs.map((one) => one.status)).map((one) => [one, statusName(one)])], (value) => change("status", value)),
      day("since", t("From")), day("until", t("To")),
    );
  }

  function drawTrend(rows) {
    const groups = new Map();
    for (const run of rows) {
      for (const one of series(run)) {
        if (!Number.isFinite(one.value)) continue;
        if (!groups.has(one.key)) groups.set(one.key, []);
        groups.get(one.key).push({ ...one, date: run.date, href: address(`/run/${run.id}`) });
      }
    }
    const several = [...groups.entries()].filter(([, points]) => points.length > 1);
    if (!several.length) return replace(trend);
    several.sort((a, b) => b[1].length - a[1].length);
    const wanted = groups.has(query.trend) && groups.get(query.trend).length > 1 ? query.trend : "";
    const points = wanted ? [...groups.get(wanted)].sort((a, b) => SORTS.date(a, b)) : [];
    return replace(trend,
      h("div", { class: "filters trends" }, selectOf(t("Trend over time of"), wanted,
        [["", t("nothing")], ...several.map(([key, all]) => [key, `${key} (${all.length})`])],
        (value) => change("trend", value))),
      points.length ? h("p", { class: "small quiet" }, `${points[0].name}, ${points[0].unit}; `,
        t("the bars are 95 % intervals")) : null,
      points.length ? trendChart(points, wanted, trend.clientWidth) : null,
    );
  }

  function figures(run) {
    const all = shownFigures(run, query);
    const one = (figure) => h("div", { class: "figure" },
      h("span", { class: "quiet small" }, [figure.model, figure.dataset, figure.load].filter(Boolean).join(" / ")),
      h("span", { title: `n = ${whole(figure.n)}` }, h("span", {}, figure.name), " ", h("b", {}, figureText(figure)), " ",
        h("span", { class: "quiet small" }, interval(figure))));
    return [
      all.slice(0, MOST_FIGURES).map(one),
      all.length > MOST_FIGURES ? h("div", { class: "small quiet" }, t("{n} more", { n: all.length - MOST_FIGURES })) : null,
    ];
  }

  function rowOf(run, at) {
    const open = run.status !== "foreign" && run.status !== "damaged" && run.status !== "unread";
    const box = h("input", {
      type: "checkbox", checked: state.chosen.has(run.id), disabled: !open,
      "aria-label": t("choose {run}", { run: run.path }), onchange: () => choose(run),
    });
    return h("tr", { id: `run-${at}`, "data-run": run.id, "aria-selected": at === state.at ? "true" : "false" },
      h("td", { class: "keep" }, box),
      h("td", { class: "keep" }, moment(run.date)),
      h("td", {},
        open ? h("a", { href: address(`/run/${run.id}`) }, run.name) : run.name,
        h("div", { class: "small quiet" }, run.path),
        (run.tags || []).map((one) => h("span", { class: "label" }, one)),
        run.note ? h("div", { class: "small" }, run.note) : null),
      h("td", {}, (run.models || []).join(", ")),
      h("td", {}, (run.datasets || []).join(", ")),
      h("td", {}, run.reason ? h("span", { class: "small status-damaged" }, line(run.reason)) : figures(run)),
      h("td", { class: "n" }, run.failed === undefined || run.failed === null ? "—" : share(run.failed)),
      h("td", { class: `keep status-${run.status}` },
        run.status === "running" && !source.static ? h("a", { href: address(`/live/${run.id}`) }, statusName(run.status)) : statusName(run.status)),
    );
  }

  function choose(run) {
    if (state.chosen.has(run.id)) state.chosen.delete(run.id);
    else state.chosen.add(run.id);
    draw();
  }

  function compare() {
    const [a, b] = [...state.chosen];
    if (b) go(address("/compare", { a, b }));
  }

  function drawChoice() {
    const n = state.chosen.size;
    replace(choice,
      h("button", { disabled: n !== 2, onclick: compare }, t("Compare two runs")),
      h("span", { class: "small quiet" }, n === 2 ? t("on the same samples, side by side") : t("{n} of 2 chosen", { n })));
  }

  function head(key, label, number) {
    const here = (query.sort || "date") === key;
    const up = here && query.dir === "up";
    return h("th", { class: number ? "n" : "", "aria-sort": here ? (up ? "ascending" : "descending") : "none" },
      h("button", {
        class: "sort",
        onclick: () => {
          query.dir = here && !up ? "up" : "";
          change("sort", key);
        },
      }, label));
  }

  function rows() {
    const found = made.runs.filter((run) => kept(run, query));
    found.sort(SORTS[query.sort] || SORTS.date);
    if (query.dir !== "up") found.reverse();
    return found;
  }

  function draw() {
    const found = rows();
    const shown = state.all ? found : found.slice(0, FIRST_ROWS);
    drawTrend(found);
    drawChoice();
    replace(told,
      made.problem ? h("p", { class: "problem" }, made.problem) : null,
      h("p", { class: "small quiet" }, t("{n} of {total} in {folder}", { n: whole(found.length), total: whole(made.runs.length), folder: made.outputs }),
        made.left ? `; ${t("{n} are still being read", { n: whole(made.left) })}` : ""));
    const back = focusIn(table);
    replace(table,
      made.runs.length ? h("table", { class: "wide runs" },
        h("thead", {}, h("tr", {}, h("th", {}, h("span", { class: "unseen" }, t("choose"))),
          head("date", t("Date")), head("name", t("Suite")), head("models", t("Models")), head("datasets", t("Data sets")),
          head("figure", t("Figures")), head("failed", t("Failed"), true), h("th", {}, t("State")))),
        h("tbody", {}, shown.map(rowOf)),
      ) : h("p", {}, t("There is no run here yet. aisbench run makes one; suite.output says where.")),
      shown.length < found.length
        ? h("button", { onclick: () => { state.all = true; draw(); } }, t("Show all {n}", { n: whole(found.length) })) : null);
    back();
  }

  function step(by) {
    const count = table.querySelectorAll("tbody tr").length;
    state.at = Math.min(Math.max(state.at + by, 0), count - 1);
    for (const [at, row] of [...table.querySelectorAll("tbody tr")].entries()) {
      row.setAttribute("aria-selected", String(at === state.at));
      if (at === state.at) row.scrollIntoView({ block: "nearest" });
    }
  }

  drawFilters();
  draw();
  // Runs that are read, begin, end, grow or are removed while somebody looks.
  (async () => {
    let wait = made.left ? 0 : REFRESH_MS;
    while (!source.static || made.left) {
      await pause(wait);
      if (!alive()) return;
      wait = REFRESH_MS;
      if (document.hidden) continue;
      const before = JSON.stringify(made);
      try {
        made = await source.runs();
      } catch {
        continue; // what can be mended is said when something is asked for
      }
      if (made.left) wait = 0;
      if (!alive() || JSON.stringify(made) === before) continue;
      drawFilters();
      draw();
    }
  })();
  const here = () => rows()[state.at];
  return {
    j: { act: () => step(1), says: () => t("next run") },
    k: { act: () => step(-1), says: () => t("run before") },
    Enter: { act: () => here() && !["foreign", "damaged", "unread"].includes(here().status) && go(address(`/run/${here().id}`)), says: () => t("open the run") },
    x: { act: () => here() && choose(here()), says: () => t("choose it to compare") },
    c: { act: compare, says: () => t("compare the two that are chosen") },
    "/": { act: () => document.getElementById("search").focus(), says: () => t("search") },
    Escape: { act: () => state.chosen.size && (state.chosen.clear(), draw()), says: () => t("out of the search; choose none") },
  };
}
