// The page: its bar, its addresses, its keys.

import { comparePage } from "./compare.js";
import { h, replace, stored } from "./dom.js";
import { listen, showHelp, startKeys } from "./keys.js";
import { livePage } from "./live.js";
import { runPage } from "./run.js";
import { runsPage } from "./runs.js";
import { samplesPage } from "./samples.js";
import { language, speak, t } from "./text.js";
import { source } from "./source.js";

let visit = 0;
let catalogue = {};

function themed(value) {
  const dark = value ? value === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

async function chosenLanguage(value) {
  if (value === "zh" && !Object.keys(catalogue).length) catalogue = await source.words();
  speak(value, catalogue);
}

function bar() {
  const dark = document.documentElement.dataset.theme === "dark";
  replace(document.getElementById("bar"),
    h("a", { class: "name", href: "#/" }, "aisbench view"),
    h("span", { class: "where" }),
    h("button", {
      lang: language() === "zh" ? "en" : "zh-CN",
      onclick: async () => {
        const next = language() === "zh" ? "en" : "zh";
        stored("language", next);
        await chosenLanguage(next);
        bar();
        await route();
      },
    }, language() === "zh" ? "English" : "中文"),
    h("button", {
      "aria-pressed": String(dark),
      onclick: () => {
        stored("theme", dark ? "light" : "dark");
        themed(dark ? "light" : "dark");
        bar();
      },
    }, t("Dark")),
    h("button", { "aria-label": t("Keys"), onclick: showHelp }, "?"),
  );
  document.getElementById("skip").textContent = t("Skip to the content");
}

const go = (to) => {
  location.hash = to;
};

const PAGES = {
  "": (main, parts, query, alive) => runsPage(main, query, go, alive),
  run: (main, parts) => runPage(main, parts, go),
  samples: (main, parts, query, alive) => samplesPage(main, parts, query, go, alive),
  compare: (main, parts, query, alive) => comparePage(main, query, go, alive),
  live: (main, parts, query, alive) => livePage(main, parts, go, alive),
};

async function route() {
  visit += 1;
  const mine = visit;
  const alive = () => mine === visit;
  const [path, asked] = location.hash.slice(1).split("?");
  const [name, ...parts] = path.split("/").slice(1);
  const query = Object.fromEntries(new URLSearchParams(asked || ""));
  // Each page draws into a box of its own: what a slow one still draws later is seen by nobody.
  const main = h("div", {});
  replace(document.getElementById("main"), main);
  document.title = "aisbench view";
  listen({});
  try {
    const page = PAGES[name || ""];
    if (!page) throw new Error(t("There is no such page."));
    const keys = await page(main, parts, query, alive);
    if (alive()) listen(keys);
  } catch (error) {
    if (alive()) {
      replace(main, h("p", { class: "crumbs" }, h("a", { href: "#/" }, t("Runs"))), h("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}

async function start() {
  themed(stored("theme"));
  const about = await source.start();
  await chosenLanguage(stored("language") || about.language);
  bar();
  startKeys();
  addEventListener("hashchange", () => {
    scrollTo(0, 0);
    route();
  });
  await route();
}

start();
