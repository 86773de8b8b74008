// One answer, whole.

import { h } from "./dom.js";
import { kindName, line, ms, number, t, verdictName, whole } from "./text.js";
import { source } from "./source.js";

export function verdictTag(verdict, value) {
  const graded = verdict === "graded" && value !== null && value !== undefined;
  return h("span", { class: `tag ${verdict || "none"}` }, verdictName(verdict), graded ? ` ${number(value)}` : "");
}

function shown(value) {
  if (value === null || value === undefined) return t("unknown");
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

// A text in three: before what was read as the answer, that, and what follows.
function marked(parts) {
  if (parts.length < 3) return parts;
  return [parts[0], h("mark", { title: t("what was read as the answer") }, parts[1]), parts[2]];
}

function media(run, one) {
  const whence = h("div", { class: "small quiet" }, `${one.kind}: ${one.whence}`);
  if (!one.kept || source.static || !["image", "audio", "video"].includes(one.kind)) return whence;
  const src = source.media(run, one.kept);
  const shown = one.kind === "image" ? h("img", { class: "media", src, alt: t("picture of the prompt") })
    : h(one.kind, { class: "media", src, controls: true, preload: "metadata", "aria-label": one.whence });
  shown.addEventListener("error", () => shown.remove());
  return h("div", {}, shown, whence);
}

function callsOf(calls) {
  return (calls || []).map((one) => h("pre", { class: "aside" }, `${one.name}(${one.arguments})`));
}

function promptOf(run, prompt) {
  const parts = prompt.messages.map((one) => [
    h("div", { class: "role" }, one.role),
    one.text ? h("pre", { tabindex: 0 }, one.text) : null,
    one.media.map((item) => media(run, item)),
    callsOf(one.calls),
  ]);
  if (prompt.text !== null) parts.push(h("pre", { tabindex: 0 }, prompt.text));
  if (prompt.tokens !== null) parts.push(h("p", { class: "quiet" }, t("{n} token ids", { n: whole(prompt.tokens) })));
  if (prompt.continuation) {
    parts.push(h("div", { class: "role" }, t("continuation that was scored")), h("pre", {}, prompt.continuation));
  }
  if (prompt.tools.length) {
    parts.push(h("p", { class: "small quiet" }, t("tools"), ": ", prompt.tools.map((one) => one.name).join(", ")));
  }
  if (prompt.stop.length) {
    parts.push(h("p", { class: "small quiet" }, t("stop"), ": ", prompt.stop.map((one) => JSON.stringify(one)).join(" ")));
  }
  return parts;
}

function responseOf(response) {
  return [h("h3", {}, t("Answer")), saidOf(response)];
}

function saidOf(response) {
  return [
    response.reasoning
      ? h("details", {}, h("summary", {}, t("reasoning ({n} characters)", { n: whole(response.reasoning.length) })),
        h("pre", { class: "aside", tabindex: 0 }, response.reasoning))
      : null,
    response.text ? h("pre", { tabindex: 0 }, marked(response.parts)) : null,
    callsOf(response.calls),
    response.refusal ? [h("div", { class: "role" }, t("refusal")), h("pre", {}, response.refusal)] : null,
    response.scored
      ? h("p", {}, t("log-probability"), " ", number(response.scored.total), response.scored.greedy ? ` (${t("greedy")})` : "")
      : null,
    response.fault
      ? h("p", { class: "problem" }, line(response.fault.message), response.fault.body ? `\n${response.fault.body}` : "")
      : null,
    !response.text && !response.fault && !response.refusal && !response.scored && !response.calls.length
      ? h("p", { class: "quiet" }, t("an empty answer")) : null,
  ];
}

function between(timing, first, last) {
  return timing[first] === null || timing[last] === null ? null : (timing[last] - timing[first]) / 1e6;
}

function scoreOf(answer) {
  const score = answer.score;
  const rows = [];
  const row = (name, ...value) => rows.push(h("dt", {}, name), h("dd", {}, value));
  row(t("target"), shown(answer.target));
  if (score) {
    // A judge reads the whole answer.
    if (score.extracted !== null || !answer.judgements.length) row(t("read"), score.extracted === null ? t("nothing") : score.extracted);
    row(t("score"), number(score.value), score.reason ? h("span", { class: "quiet" }, ` — ${line(score.reason)}`) : "");
    const others = Object.entries(score.readings).filter(
      ([, one]) => one.value !== score.value || one.extracted !== score.extracted);
    for (const [name, one] of others) {
      row(name, `${number(one.value)} (${one.extracted === null ? t("nothing") : one.extracted})`);
    }
    for (const [name, one] of Object.entries(score.measures)) row(name, `${number(one.value)} ${one.unit}`);
  }
  if (answer.truncated) row(t("truncated"), t("cut at max_tokens"));
  for (const one of answer.anomalies) row(t("odd"), `${kindName(one.kind)}: ${one.evidence}`);
  return h("dl", { class: "facts" }, rows);
}

function factsOf(answer) {
  const last = answer.turns[answer.turns.length - 1];
  const { response, timing } = last;
  const rows = [];
  const row = (name, value) => value !== null && rows.push(h("dt", {}, name), h("dd", {}, value));
  const usage = response.usage;
  row(t("tokens"), t("{input} in, {output} out", {
    input: whole(usage.prompt_tokens), output: whole(usage.completion_tokens),
  }) + (usage.reasoning_tokens ? `, ${t("{n} of reasoning", { n: whole(usage.reasoning_tokens) })}` : "")
    + (usage.cached_tokens ? `, ${t("{n} from the cache", { n: whole(usage.cached_tokens) })}` : ""));
  const times = [
    ["TTFT", between(timing, "sent", "first_token")],
    ["E2EL", between(timing, "sent", "done")],
    [t("queueing in the client"), between(timing, "dispatched", "sent")],
  ].filter(([, value]) => value !== null);
  if (times.length) row(t("times"), times.map(([name, value]) => `${name} ${ms(value)}`).join(", "));
  row(t("finish reason"), response.finish || "—");
  row(t("attempts"), whole(answer.failures.length + answer.turns.length));
  row("seed", answer.seed === null ? null : String(answer.seed));
  row("url", answer.url || null);
  return [
    h("dl", { class: "facts" }, rows),
    answer.failures.length
      ? h("details", {}, h("summary", {}, t("{n} attempts that broke", { n: answer.failures.length })),
        answer.failures.map((one) => h("p", { class: "small" }, `${one.fault.kind}: ${line(one.fault.message)} (${one.url})`)))
      : null,
  ];
}

// What a judge said: its last words are what counts, so they are open; what it was asked is not.
function judgementsOf(run, answer) {
  if (!answer.judgements.length) return null;
  const several = answer.judgements.length > 1;
  return h("section", { class: "judgements" },
    h("h3", {}, t("Judge")),
    answer.judgements.map((one) => h("section", {},
      several ? h("h4", {}, t("Judgement {n}", { n: one.number + 1 })) : null,
      one.turns.map(({ prompt, response }) => [
        h("details", {}, h("summary", {}, t("what the judge was asked")), promptOf(run, prompt)),
        saidOf(response),
      ]),
    )));
}

export function answerView(run, answer, compact) {
  const several = answer.turns.length > 1;
  const turns = answer.turns.map((turn, at) => {
    return h("section", {},
      several ? h("h3", {}, t("Turn {n}", { n: at + 1 })) : null,
      compact && !several ? null : h("h3", {}, t("Prompt")),
      compact && !several ? null : promptOf(run, several && at && turn.prompt.messages.length
        ? { ...turn.prompt, messages: turn.prompt.messages.slice(-1) } : turn.prompt),
      responseOf(turn.response),
    );
  });
  return [
    h("div", { class: "actions" },
      verdictTag(answer.score ? answer.score.verdict : answer.turns.some((one) => one.response.fault) ? "failed" : null,
        answer.score && answer.score.value),
      answer.part ? h("span", { class: "label" }, answer.part) : null,
      answer.anomalies.length ? h("span", { class: "label" }, t("odd")) : null,
    ),
    scoreOf(answer),
    turns,
    judgementsOf(run, answer),
    h("h3", {}, t("Request")),
    factsOf(answer),
  ];
}

export function promptView(run, answer) {
  return [h("h3", {}, t("Prompt")), promptOf(run, answer.turns[0].prompt)];
}

