// A run that still goes on: progress, rates, running figures, its log.

import { address, h, replace } from "./dom.js";
import { sparkline } from "./charts.js";
import { statusName } from "./runs.js";
import { moment, ms, number, seconds, share, t, whole } from "./text.js";
import { source } from "./source.js";

const EVERY_MS = 1500;
const KEPT = 120;

function doneBar(done, total) {
  return total ? h("progress", { max: total, value: Math.min(done, total), "aria-label": t("progress") }) : null;
}

function stateName(word) {
  const names = { waiting: t("waiting"), running: t("running"), done: t("done"), stopped: t("stopped"), failed: t("failed"), stopping: t("stopping") };
  return names[word] || word;
}

function stageName(word) {
  const names = { starting: t("starting"), answers: t("asking the models"), judgements: t("asking the judges"), loads: t("running loads"), scores: t("scoring") };
  return names[word] || word;
}

function phaseName(word) {
  const names = { connecting: t("connecting"), "warming up": t("warming up") };
  return names[word] || word;
}

function taskBlock(one, history_) {
  const facts = [];
  const fact = (name, value) => facts.push(h("dt", {}, name), h("dd", {}, value));
  if (one.done !== undefined) fact(t("answers"), one.total ? t("{done} of {total}", { done: whole(one.done), total: whole(one.total) }) : whole(one.done));
  if (one.failed !== undefined) fact(t("failed"), whole(one.failed));
  if (one.rate !== null && one.rate !== undefined) {
    fact(t("rate"), [t("{n} answers/s", { n: number(one.rate) }), " ", history_.length > 1 ? sparkline(history_, t("answers per second over the last minutes")) : ""]);
  }
  if (one.seconds_left !== null && one.seconds_left !== undefined) fact(t("time left"), seconds(one.seconds_left));
  if (one.accuracy !== null && one.accuracy !== undefined) {
    fact(t("accuracy so far"), `${share(one.accuracy)} (${t("{n} scored", { n: whole(one.scored) })})`);
  }
  if (one.ms) fact("E2EL", t("{time} on average", { time: ms(one.ms) }));
  return [h("h3", {}, `${one.model} / ${one.dataset} `, one.load || "", one.state ? ` · ${stateName(one.state)}` : ""),
    doneBar(one.done, one.total), h("dl", { class: "facts" }, facts)];
}

function loadBlock(one) {
  const facts = [];
  const fact = (name, ...value) => facts.push(h("dt", {}, name), h("dd", {}, value));
  const trace = one.trace || {};
  const line = (key, title) => (trace[key] && trace[key].length > 1 ? [" ", sparkline(trace[key], title)] : "");
  fact(t("requests"), t("{sent} sent, {done} done, {failed} failed, {flight} in flight", {
    sent: whole(one.sent || 0), done: whole(one.done || 0), failed: whole(one.failed || 0), flight: whole(one.in_flight || 0) }),
    line("in_flight", t("requests in flight over time")));
  if (one.state === "done" && one.figures) return [loadHead(one), h("dl", { class: "facts" }, facts, figuresOf(one.figures))];
  if (one.achieved_rate !== null && one.achieved_rate !== undefined) {
    fact("requests/s", number(one.achieved_rate), one.asked_rate ? ` (${t("{n} asked", { n: number(one.asked_rate) })})` : "", line("requests_per_second", t("requests per second over time")));
  }
  if (one.tokens_rate !== null && one.tokens_rate !== undefined) fact("tokens/s", number(one.tokens_rate), line("tokens_per_second", t("tokens per second over time")));
  if (one.ttft_ms) fact("TTFT", `p50 ${ms(one.ttft_ms[0])}, p99 ${ms(one.ttft_ms[1])}`, line("ttft_ms", t("median TTFT over time")));
  if (one.itl_ms) fact("ITL", `p50 ${ms(one.itl_ms[0])}, p99 ${ms(one.itl_ms[1])}`, line("itl_ms", t("median ITL over time")));
  if (one.seconds_left !== null && one.seconds_left !== undefined) fact(t("time left"), seconds(one.seconds_left));
  return [loadHead(one), doneBar(one.duration ? one.seconds : one.done, one.duration || one.wanted), h("dl", { class: "facts" }, facts)];
}

function loadHead(one) {
  const phase = one.phase && one.phase !== "running" && one.state === "running" ? ` (${phaseName(one.phase)})` : "";
  return h("h3", {}, `${one.model} / ${one.dataset} ${one.load} · ${stateName(one.state)}${phase}`);
}

// The few figures of a load that is over; its run's page has all of them.
function figuresOf(all) {
  const known = (name) => all[name] !== null && all[name] !== undefined;
  const rows = [["request_throughput", "requests/s"], ["output_token_throughput", "tokens/s"]]
    .filter(([name]) => known(name)).map(([name, shown]) => [shown, number(all[name])]);
  for (const name of ["ttft", "tpot", "itl", "e2el"]) {
    const found = ["p50", "p99"].filter((one) => known(`${name}_${one}`));
    if (found.length) rows.push([name.toUpperCase(), found.map((one) => `${one} ${ms(all[`${name}_${one}`])}`).join(", ")]);
  }
  return rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}

export async function livePage(main, [id], go, alive) {
  const history_ = new Map();
  let before = null;
  let stopped = false;
  let drawn = -1;
  let logged = null;
  const body = h("div", {});
  const state = h("p", { class: "small" });
  const work = h("div", {});
  const log = h("pre", { class: "log", tabindex: 0, "aria-label": t("log") });
  replace(main, body);

  // Rates of the last looks, where the run itself tells none.
  function withRates(made) {
    for (const one of made.tasks) {
      if (one.done === undefined) continue; // its index waits for others
      const name = [one.model, one.dataset, one.load].join("\0");
      const list = history_.get(name) || [];
      const last = before && before.get(name);
      if (last && made.now > last.now) {
        one.rate = (one.done - last.done) / (made.now - last.now);
        list.push(one.rate);
        if (list.length > KEPT) list.shift();
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
        if (one.total && mean > 0) one.seconds_left = (one.total - one.done) / mean;
      }
      history_.set(name, list);
    }
    before = new Map(made.tasks.filter((one) => one.done !== undefined).map((one) => [[one.model, one.dataset, one.load].join("\0"), { done: one.done, now: made.now }]));
  }

  function draw(made) {
    const told = made.progress;
    const ours = (one) => made.tasks.find((task) => task.model === one.model && task.dataset === one.dataset && task.load === (one.load || ""));
    const tasks = told && told.tasks.length ? told.tasks.map((one) => ({ ...ours(one), ...one })) : made.tasks.filter((one) => !told || !told.loads.length || one.load === "");
    replace(state,
      h("span", { class: `status-${made.status}` }, statusName(made.status)),
      told && made.status === "running" ? ` · ${stageName(told.stage)}` : "",
      ` · ${t("began {time}", { time: moment(made.started) })}`, ` · ${t("session {n}", { n: made.sessions })}`,
      ` · ${t("last write {time} ago", { time: seconds(made.age) })}`,
      made.recorded ? ` · ${t("{n} MB of loads recorded", { n: number(made.recorded / 1e6) })}` : "");
    replace(work,
      made.problem ? h("p", { class: "problem" }, made.problem) : null,
      tasks.map((one) => taskBlock(one, history_.get([one.model, one.dataset, one.load || ""].join("\0")) || [])),
      (told ? told.loads : []).map(loadBlock),
      !tasks.length && !(told && told.loads.length) ? h("p", {}, t("Nothing has been answered yet.")) : null);
    // What can hold the focus, or was scrolled, stays as long as it says the same.
    if (drawn !== made.tasks.length) {
      drawn = made.tasks.length;
      replace(body,
        h("p", { class: "crumbs" }, h("a", { href: "#/" }, t("Runs")), " / ", h("a", { href: address(`/run/${id}`) }, made.name), " / ", t("live")),
        h("h1", {}, made.name), state, work,
        h("div", { class: "actions" }, made.tasks.map((one, at) =>
          h("a", { class: "button", href: address(`/samples/${id}/${at}`) }, t("Answers of {task}", { task: [one.model, one.dataset, one.load].filter(Boolean).join(" / ") })))),
        h("h2", {}, t("Log")), log);
    }
    const lines = made.log.map((one) => `${one.time.slice(11, 19)} ${one.level} ${one.message}`).join("\n");
    if (lines !== logged) {
      const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
      logged = lines;
      replace(log, lines);
      if (atEnd) log.scrollTop = log.scrollHeight;
    }
    document.title = `${made.name} – aisbench view`;
  }

  async function look() {
    if (!alive() || stopped) return;
    try {
      const made = await source.live(id);
      withRates(made);
      if (alive()) draw(made);
      if (made.status !== "running") stopped = made.age > 30;
    } catch (error) {
      drawn = -1;
      if (alive()) replace(body, h("p", { class: "problem" }, error.message));
    }
    if (alive() && !stopped) setTimeout(look, document.hidden ? 4 * EVERY_MS : EVERY_MS);
  }

  await look();
  return {
    r: { act: () => go(address(`/run/${id}`)), says: () => t("to the run") },
    Escape: { act: () => go("#/"), says: () => t("back to the runs") },
  };
}
