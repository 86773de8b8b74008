// One run: figures with intervals, outcomes, loads, warnings, sessions.

import { address, h, replace, say } from "./dom.js";
import { outcomeBar } from "./charts.js";
import { statusName } from "./runs.js";
import { interval, language, line, moment, number, seconds, share, t, whole } from "./text.js";
import { source } from "./source.js";

function table(heads, rows) {
  return h("div", { class: "box", tabindex: 0, role: "region", "aria-label": heads.map((one) => one[0]).join(", ") },
    h("table", {},
      h("thead", {}, h("tr", {}, heads.map(([text, number_]) => h("th", { class: number_ ? "n" : "" }, text)))),
      h("tbody", {}, rows)));
}

function figureRows(figures) {
  return figures.map((one) => h("tr", {},
    h("td", {}, one.part || t("whole set")),
    h("td", {}, one.name),
    h("td", { class: "n" }, h("b", {}, number(one.value)), ` ${one.unit}`),
    h("td", { class: "n" }, interval(one) || "—"),
    h("td", { class: "n" }, whole(one.n)),
    h("td", { class: "small quiet" }, one.method || "—",
      one.bound_low !== null && one.bound_low !== undefined
        ? `; ${t("failed ones leave {low} to {high} open", { low: number(one.bound_low), high: number(one.bound_high) })}` : "")));
}

const FIGURE_HEADS = () => [[t("Part")], [t("Figure")], [t("Value"), 1], [t("95 % interval"), 1], ["n", 1], [t("Method")]];

function taskAt(run, one) {
  return run.tasks.findIndex((task) => task.model === one.model && task.dataset === one.dataset && task.load === one.load);
}

function links(run, at, one) {
  const names = { wrong: t("the wrong ones"), unparsed: t("the unparsed ones"), truncated: t("the truncated ones"), failed: t("the failed ones") };
  const made = Object.keys(names).filter((name) => one.counts[name]).map((name) =>
    h("a", { href: address(`/samples/${run.id}/${at}`, { verdict: name }) }, names[name]));
  if (one.odd) made.push(h("a", { href: address(`/samples/${run.id}/${at}`, { odd: "any" }) }, t("{n} odd answers", { n: whole(one.odd) })));
  return made;
}

function taskSection(run, one) {
  const at = taskAt(run, one);
  const whole_ = one.figures.filter((figure) => !figure.part);
  const parts = one.figures.filter((figure) => figure.part);
  const faults = Object.entries(one.faults);
  return h("section", {},
    h("h2", {}, [one.model, one.dataset, one.load].filter(Boolean).join(" / "), " ", h("span", { class: "small quiet" }, one.variant)),
    at >= 0 ? h("div", { class: "actions" }, h("a", { class: "button", href: address(`/samples/${run.id}/${at}`) }, t("Answers"))) : null,
    one.warnings.map((text) => h("p", { class: "mind" }, line(text))),
    whole_.length ? table(FIGURE_HEADS(), figureRows(whole_)) : null,
    outcomeBar(one.counts, one.counts.asked),
    at >= 0 ? h("div", { class: "actions small" }, links(run, at, one)) : null,
    faults.length ? h("p", { class: "small" }, t("causes of failures"), ": ",
      faults.map(([cause, n]) => `${line(cause)} (${whole(n)})`).join("; ")) : null,
    parts.length ? h("details", {}, h("summary", {}, t("{n} figures of parts and slices", { n: whole(parts.length) })),
      table(FIGURE_HEADS(), figureRows(parts))) : null,
    h("p", { class: "small quiet" }, t("{n} samples, {repeats} repeats", { n: whole(one.samples), repeats: one.repeats }),
      one.of ? `; ${t("of {total}", { total: whole(one.of) })} (${one.chosen})` : "",
      one.tokens.completion_tokens ? `; ${t("{input} tokens in, {output} out", { input: whole(one.tokens.prompt_tokens), output: whole(one.tokens.completion_tokens) })}` : ""),
  );
}

const QUANTITIES = ["ttft", "tpot", "itl", "e2el"];

function percentile(load, name, key) {
  const found = load.populations[0].statistics.find((one) => one.name === name);
  if (!found) return "—";
  const value = found.percentiles[key];
  return value === undefined ? "—" : `${number(value)}${found.weak.includes(key) ? "~" : ""}`;
}

function loadFigure(load, name) {
  const found = load.populations[0].figures.find((one) => one.name === name);
  return found ? number(found.value) : "—";
}

function loadsSection(run) {
  const measured = run.loads.filter((one) => one.populations.length);
  if (!measured.length) return null;
  const told = (name) => {
    const metric = run.metrics[name];
    return metric ? `${line(metric.title || name)}${metric.formula ? `: ${line(metric.formula)}` : ""}` : name;
  };
  const heads = [[t("Model / data set")], [t("Load")], [t("Requests"), 1], [t("Failed"), 1], ["requests/s", 1], ["tokens/s", 1]];
  for (const name of QUANTITIES) for (const key of ["p50", "p99"]) heads.push([`${name.toUpperCase()} ${key}, ms`, 1]);
  heads.push([t("Client kept up")]);
  const rows = measured.map((one) => h("tr", {},
    h("td", {}, `${one.model} / ${one.dataset}`), h("td", { class: "keep" }, one.load),
    h("td", { class: "n" }, whole(one.counts.total)), h("td", { class: "n" }, whole(one.counts.failed)),
    h("td", { class: "n" }, loadFigure(one, "request_throughput")),
    h("td", { class: "n" }, loadFigure(one, "output_token_throughput")),
    QUANTITIES.flatMap((name) => ["p50", "p99"].map((key) => h("td", { class: "n", title: told(name) }, percentile(one, name, key)))),
    h("td", { class: one.health.kept_up ? "right" : "wrong" }, one.health.kept_up ? t("yes") : t("no"))));
  return [
    h("h2", {}, t("Loads")),
    table(heads, rows),
    h("p", { class: "small quiet" }, t("~ rests on fewer than ten values beyond it")),
    measured.flatMap((one) => [...one.health.doubts, ...one.notes].map((text) =>
      h("p", { class: "mind" }, h("b", {}, one.load), " ", line(text)))),
  ];
}

function searchesSection(run) {
  if (!run.searches.length) return null;
  return [h("h2", {}, t("Searches")), run.searches.map((one) => h("p", {},
    `${one.model} / ${one.dataset}: ${one.key} `, h("b", {}, one.best === null ? t("none held") : number(one.best)),
    ` [${one.low === null ? "—" : number(one.low)}, ${one.high === null ? "—" : number(one.high)}] `,
    h("span", { class: "quiet" }, line(one.reason), one.sure ? ` (${line(one.sure)})` : "")))];
}

function pointVerdict(verdict) {
  const names = {
    held: t("held"), "not held": t("not held"), "not started": t("not started"), "not ready": t("not ready"),
    died: t("died"), client: t("client"), "timed out": t("timed out"), "no figure": t("no figure"),
  };
  return names[verdict] || verdict;
}

function tuned(value) {
  return value === undefined || value === null ? "—" : typeof value !== "number" || Number.isInteger(value) ? String(value) : number(value);
}

function tuningSection(one) {
  const mark = (point) => point.number === one.best ? "★ " : one.front.includes(point.number) ? "+ " : "";
  const rows = one.points.map((point) => h("tr", {},
    h("td", { class: "n" }, `${mark(point)}${point.number}`),
    one.variables.map((name) => h("td", { class: "n" }, tuned(point.values[name]))),
    h("td", { class: point.verdict === "held" ? "right" : point.verdict === "not held" ? "" : "wrong" }, pointVerdict(point.verdict)),
    h("td", { class: "n" }, tuned(point.objective)), h("td", { class: "n" }, tuned(point.against)),
    h("td", { class: "n" }, seconds(point.seconds)),
    h("td", { class: "small quiet" }, line(point.why),
      point.log.length ? h("details", {}, h("summary", {}, t("the server's last lines")), h("pre", { tabindex: 0 }, point.log.join("\n"))) : null)));
  const heads = [[t("Point"), 1], ...one.variables.map((name) => [name, 1]), [t("Verdict")],
    [`${one.objective}, ${one.unit}`, 1], [one.against, 1], [t("Took"), 1], [t("Why")]];
  return [
    h("h2", {}, t("Tuning of servers.{name}", { name: one.server })),
    h("p", {}, one.best === null ? t("no point is best") : [
      t("Best (★): point {n}", { n: one.best }), "; ", t("its command"), ": ", h("code", {}, one.command)]),
    table(heads, rows),
    h("p", { class: "small quiet" }, `${one.tuner}; `, one.reason ? line(one.reason) : t("not at its end"),
      one.front.length > 1 ? `; ${t("+ no other is better in both figures")}` : ""),
  ];
}

function groupsSection(run) {
  if (!run.groups.length) return null;
  const rows = run.groups.map((one) => h("tr", {},
    h("td", {}, one.title || one.name), h("td", {}, one.model),
    h("td", { class: "n" }, one.figure ? h("b", {}, number(one.figure.value)) : "—", one.figure ? ` ${one.figure.unit}` : ""),
    h("td", { class: "n" }, one.figure ? interval(one.figure) || "—" : "—"),
    h("td", { class: "n" }, `${one.present} / ${one.total}`),
    h("td", { class: "small quiet" }, one.missing.length ? t("missing: {names}", { names: one.missing.join(", ") }) : "")));
  return [h("h2", {}, t("Groups")),
    table([[t("Group")], [t("Model")], [t("Value"), 1], [t("95 % interval"), 1], [t("There"), 1], [""]], rows)];
}

function sessionsSection(run) {
  const rows = run.sessions.map((one) => h("tr", {},
    h("td", { class: "keep" }, moment(one.started)), h("td", { class: "keep" }, one.ended ? moment(one.ended) : t("not ended")),
    h("td", {}, h("code", {}, `aisbench ${one.arguments.join(" ")}`)),
    h("td", { class: "small" }, `${one.host.system || ""}, Python ${one.host.python || ""}`)));
  const last = run.sessions[run.sessions.length - 1];
  return [h("h2", {}, t("How it was made")),
    table([[t("Began")], [t("Ended")], [t("Command")], [t("Machine")]], rows),
    last ? h("details", {}, h("summary", {}, t("versions")),
      h("p", { class: "small" }, Object.entries(last.plugins).map(([name, version]) => `${name} ${version}`).join(", "))) : null,
    h("details", {}, h("summary", {}, t("the suite as it was understood")), h("pre", { tabindex: 0 }, JSON.stringify(run.suite, null, 2)))];
}

function noteSection(run) {
  const tags = h("input", { value: run.tags.join(", "), id: "tags", disabled: source.static });
  const note = h("textarea", { id: "note", disabled: source.static });
  note.value = run.note;
  const told = h("span", { class: "small quiet", role: "status" });
  const save = h("button", {
    onclick: async () => {
      try {
        const made = await source.note(run.id, tags.value.split(",").map((one) => one.trim()).filter(Boolean), note.value);
        tags.value = made.tags.join(", ");
        replace(told, t("kept"));
      } catch (error) {
        replace(told, error.message);
      }
    },
  }, t("Keep"));
  if (source.static) return run.tags.length || run.note ? [h("h2", {}, t("Tags and note")),
    run.tags.map((one) => h("span", { class: "label" }, one)), h("p", {}, run.note)] : null;
  return h("details", { class: "note", open: Boolean(run.tags.length || run.note) }, h("summary", {}, t("Tags and note")),
    h("label", { for: "tags", class: "small quiet" }, t("tags, with commas between them")), tags,
    h("label", { for: "note", class: "small quiet" }, t("note")), note,
    h("div", { class: "actions" }, save, told));
}

function compareLinks(run) {
  const made = [];
  run.tasks.forEach((one, a) => run.tasks.forEach((other, b) => {
    if (a < b && one.dataset === other.dataset) {
      made.push(h("a", { class: "button", href: address("/compare", { a: run.id, a_task: a, b: run.id, b_task: b }) },
        t("{left} beside {right}", { left: one.load || one.model, right: other.load || other.model }), run.tasks.length > 2 ? ` (${one.dataset})` : ""));
    }
  }));
  return made.slice(0, 8);
}

export async function runPage(main, [id], go) {
  const run = await source.run(id);
  document.title = `${run.name} – aisbench view`;
  const checked = h("span", { class: "small quiet", role: "status" });
  const check = h("button", {
    onclick: async () => {
      replace(checked, t("reading every file …"));
      try {
        await source.check(id);
        replace(checked, t("all files are as the run left them"));
      } catch (error) {
        replace(checked, error.message);
      }
    },
  }, t("Check the files"));
  const first = run.sessions[0];
  const last = run.sessions[run.sessions.length - 1];
  const took = first && last && last.ended ? seconds((new Date(last.ended) - new Date(first.started)) / 1000) : "";
  replace(main,
    h("p", { class: "crumbs" }, h("a", { href: "#/" }, t("Runs")), " / ", run.path),
    h("h1", {}, run.name),
    h("p", { class: "small" }, h("span", { class: `status-${run.status}` }, statusName(run.status)),
      ` · ${first ? moment(first.started) : "—"}`, took ? ` · ${took}` : "",
      " · ", t("failed: {share} (allowed: {most})", { share: share(run.failed), most: share(run.max_failed) })),
    h("div", { class: "actions" },
      run.report === false ? null : h("a", { class: "button", href: source.report(id, language()), target: "_blank", rel: "noopener" }, t("Report")),
      run.status !== "complete" && !source.static ? h("a", { class: "button", href: address(`/live/${id}`) }, t("Watch it")) : null,
      compareLinks(run),
      source.static ? null : check, checked),
    run.warnings.map((text) => h("p", { class: "mind" }, line(text))),
    run.tasks.length && !run.scores.length ? h("div", { class: "actions" }, run.tasks.map((one, at) =>
      h("a", { class: "button", href: address(`/samples/${id}/${at}`) }, t("Answers of {task}", { task: [one.model, one.dataset, one.load].filter(Boolean).join(" / ") })))) : null,
    !run.scores.length && !run.loads.length ? h("p", {}, t("There are no figures yet.")) : null,
    groupsSection(run),
    run.scores.map((one) => taskSection(run, one)),
    run.tunings.map(tuningSection), loadsSection(run), searchesSection(run),
    noteSection(run),
    sessionsSection(run),
  );
  say(run.name);
  return {
    a: { act: () => run.tasks.length && go(address(`/samples/${id}/0`)), says: () => t("answers") },
    Escape: { act: () => go("#/"), says: () => t("back to the runs") },
  };
}
