// Where the page's data comes from: the server, or the files of an export beside it.

import { address } from "./dom.js";
import { learn, t } from "./text.js";

const MOST_TRIES = 80;

const served = {
  static: false,

  async ask(path, query) {
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(path + address("", query).slice(1), { cache: "no-store" });
      // An index that others keep waiting is asked for again.
      if (response.status !== 503 || tries === MOST_TRIES) return served.read(response);
      await new Promise((done) => {
        setTimeout(done, 700);
      });
    }
  },

  async read(response) {
    if (response.status === 403) {
      throw new Error(t("The server does not know this page any more: open the address that aisbench view printed."));
    }
    const document_ = await response.json().catch(() => ({ error: response.statusText }));
    if (!response.ok) throw new Error([document_.error, document_.hint].filter(Boolean).join("\n"));
    learn(document_.lines);
    return document_;
  },

  start: () => served.ask("/api/start"),
  words: () => served.ask("/texts_zh.json"),
  runs: () => served.ask("/api/runs"),
  run: (id) => served.ask(`/api/runs/${id}`),
  check: (id) => served.ask(`/api/runs/${id}/check`),
  live: (id) => served.ask(`/api/runs/${id}/live`),
  samples: (id, task, query) => served.ask(`/api/runs/${id}/tasks/${task}`, query),
  sample: (id, task, sample, repeat) =>
    served.ask(`/api/runs/${id}/tasks/${task}/answer`, { id: sample, repeat }),
  pairs: (query) => served.ask("/api/pairs", query),
  report: (id, language) => `/runs/${id}/report?language=${language}`,
  media: (id, name) => `/runs/${id}/media/${name}`,

  async note(id, tags, note) {
    const response = await fetch(`/api/runs/${id}/note`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ tags, note }),
    });
    return served.read(response);
  },
};

const waiting = new Map();
const got = new Map();

// Files of an export call this: scripts are what a page from a file may load.
globalThis.aisbench_data = (name, value) => {
  const done = waiting.get(name);
  waiting.delete(name);
  if (done) done(value);
};

function file(name, keep) {
  if (got.has(name)) return got.get(name);
  const made = new Promise((done, failed) => {
    waiting.set(name, done);
    const script = document.createElement("script");
    script.src = `data/${name}.js`;
    script.onload = () => script.remove();
    script.onerror = () => failed(new Error(t("{file} is missing from this export", { file: script.src })));
    document.head.append(script);
  });
  if (keep) got.set(name, made);
  return made;
}

async function rowsOf(id, task) {
  const about = await file(`task-${id}-${task}`, true);
  const parts = [];
  for (let at = 0; at < about.row_files; at += 1) parts.push(file(`rows-${id}-${task}-${at}`, true));
  return { about, rows: (await Promise.all(parts)).flat() };
}

const ORDERS = {
  set: () => 0,
  came: (a, b) => a.came - b.came,
  value: (a, b) => (a.value ?? Infinity) - (b.value ?? Infinity),
  longest: (a, b) => (b.completion_tokens ?? -1) - (a.completion_tokens ?? -1),
  slowest: (a, b) => (b.ms ?? -1) - (a.ms ?? -1),
};

function wordsOf(text) {
  const found = [];
  for (const one of (text || "").toLowerCase().matchAll(/"([^"]*)"?|(\S+)/g)) {
    const term = (one[1] || one[2] || "").trim().replace(/\s+/g, " ");
    if (term) found.push(term);
  }
  return found;
}

function fits(row, query) {
  if (query.verdict && (query.verdict === "none" ? row.verdict : row.verdict !== query.verdict)) return false;
  if (query.part && row.part !== query.part) return false;
  if (query.odd === "any" && !row.odd) return false;
  if (query.odd && query.odd !== "any" && !(row.odd || "").split(", ").includes(query.odd)) return false;
  if (query.sample) {
    const parts = query.sample.split("*").map((one) => one.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    if (!new RegExp(`^${parts.join(".*")}$`, "s").test(row.id)) return false;
  }
  return true;
}

function textOf(answer, within) {
  const texts = [];
  for (const turn of answer.turns) {
    if (within !== "answer") {
      texts.push(turn.prompt.text, turn.prompt.continuation);
      for (const message of turn.prompt.messages) texts.push(message.text);
    }
    if (within !== "prompt") {
      texts.push(turn.response.reasoning, turn.response.text, turn.response.refusal);
      for (const call of turn.response.calls) texts.push(`${call.name} ${call.arguments}`);
      if (turn.response.fault) texts.push(turn.response.fault.message);
    }
  }
  return texts.filter(Boolean).join(" ").toLowerCase().replace(/\s+/g, " ");
}

// Rows that hold all words: without an index every answer is read, a file at a time.
async function searched(id, task, about, rows, query) {
  const words = wordsOf(query.q);
  if (!words.length) return rows;
  const found = [];
  for (let at = 0; at < about.answer_files; at += 1) {
    const here = rows.filter((row) => row.file === at);
    if (!here.length) continue;
    const answers = await file(`answers-${id}-${task}-${at}`, false);
    for (const row of here) {
      const text = textOf(answers[row.place], query.within);
      if (row.id === query.q || words.every((word) => text.includes(word))) found.push(row);
    }
  }
  return found;
}

function counted(rows) {
  const verdicts = {};
  for (const row of rows) verdicts[row.verdict || ""] = (verdicts[row.verdict || ""] || 0) + 1;
  return verdicts;
}

function paged(rows, query) {
  const offset = Number(query.offset || 0);
  return { rows: rows.slice(offset, offset + Number(query.limit || 100)), total: rows.length, offset };
}

const files = {
  static: true,
  start: () => file("start", true),
  words: () => file("texts_zh", true),
  async runs() {
    const made = await file("runs", true);
    learn(made.lines);
    return made;
  },
  async run(id) {
    const made = await file(`run-${id}`, true);
    learn(made.lines);
    return made;
  },
  async samples(id, task, query) {
    const { about, rows } = await rowsOf(id, task);
    const kept = (await searched(id, task, about, rows.filter((row) => fits(row, query)), query)).slice();
    if (query.order && query.order !== "set") kept.sort(ORDERS[query.order]);
    return {
      ...paged(kept, query),
      task: about.task,
      parts: about.parts,
      odd: about.odd,
      verdicts: counted(kept),
      progress: { answers: rows.length, indexed: 1, searchable: 1, damage: about.damage },
      left_out: about.left_out,
    };
  },
  async sample(id, task, sample, repeat) {
    const { rows } = await rowsOf(id, task);
    const row = rows.find((one) => one.id === sample && one.repeat === Number(repeat));
    if (!row) throw new Error(t("This answer is not in the export."));
    const answers = await file(`answers-${id}-${task}-${row.file}`, false);
    return answers[row.place];
  },
  async pairs(query) {
    const [left, right] = await Promise.all([
      rowsOf(query.a, query.a_task || 0),
      rowsOf(query.b, query.b_task || 0),
    ]);
    const name = (row) => JSON.stringify([row.id, row.repeat]);
    const others = new Map(right.rows.map((row) => [name(row), row]));
    const kept = async (side, id, task) =>
      new Set((await searched(id, task, side.about, side.rows.filter((row) => fits(row, query)), query)).map(name));
    const [ours, theirs] = await Promise.all([
      kept(left, query.a, query.a_task || 0),
      kept(right, query.b, query.b_task || 0),
    ]);
    const differs = (a, b) => a.verdict !== b.verdict || a.value !== b.value;
    const both = left.rows.filter((row) => others.has(name(row)));
    const found = both.filter((row) => ours.has(name(row)) || theirs.has(name(row)));
    const rows = found
      .map((row) => [row, others.get(name(row))])
      .filter(([a, b]) => !query.differ || differs(a, b))
      .map(([a, b]) => ({
        id: a.id, repeat: a.repeat, part: a.part,
        left_verdict: a.verdict, right_verdict: b.verdict, left_value: a.value, right_value: b.value,
        left_extracted: a.extracted, right_extracted: b.extracted,
      }));
    return {
      ...paged(rows, query),
      differing: both.filter((row) => differs(row, others.get(name(row)))).length,
      parts: left.about.parts,
      indexed: 1,
    };
  },
  report: (id) => `data/report-${id}.html`,
  media: (id, name) => `data/media/${name}`,
};

export const source = document.documentElement.dataset.files ? files : served;
