"use strict";
(() => {
  const settings = JSON.parse(document.getElementById("settings").textContent);
  const words = settings.words;
  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...children.filter((one) => one !== null));
    return node;
  };

  // Theme: the system's, until somebody chooses.
  const root = document.documentElement;
  const dark = () =>
    root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  const remember = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("aisbench-theme");
      localStorage.setItem("aisbench-theme", value);
    } catch {
      // Without storage the choice holds for this page alone.
    }
    return null;
  };
  const kept = remember();
  if (kept) root.dataset.theme = kept;
  const button = document.getElementById("theme");
  button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(dark()));
    remember(root.dataset.theme);
  });

  // Explanations, on hover, on focus, and on a touch.
  const tip = document.getElementById("tip");
  const explain = (event) => {
    const node = event.target.closest && event.target.closest("[data-hint]");
    if (!node) return void (tip.hidden = true);
    tip.textContent = node.dataset.hint;
    tip.hidden = false;
    const at = node.getBoundingClientRect();
    const left = Math.min(at.left, root.clientWidth - tip.offsetWidth - 12);
    tip.style.left = `${Math.max(6, left) + scrollX}px`;
    const above = at.bottom + tip.offsetHeight + 8 > innerHeight;
    tip.style.top = `${(above ? at.top - tip.offsetHeight - 5 : at.bottom + 5) + scrollY}px`;
  };
  for (const name of ["mouseover", "focusin", "click"]) document.addEventListener(name, explain);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });

  // Tables: their heads sort them.
  const cell = (row, at) => row.cells[at];
  const sortBy = (head) => {
    const table = head.closest("table");
    const at = [...head.parentNode.children].indexOf(head);
    const numbers = head.classList.contains("n");
    // Numbers begin with the largest, words with the first.
    const before = head.getAttribute("aria-sort");
    const up = before ? before === "descending" : !numbers;
    const value = (row) =>
      numbers ? parseFloat(cell(row, at).dataset.v) : cell(row, at).textContent.trim();
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (!numbers) return (up ? 1 : -1) * x.localeCompare(y, undefined, { numeric: true });
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return up ? x - y : y - x;
    });
    for (const one of head.parentNode.children) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  };
  document.addEventListener("click", (event) => {
    const head = event.target.closest("th .sort");
    if (head) sortBy(head.closest("th"));
  });

  // The table of contents shows where one is.
  const links = new Map(
    [...document.querySelectorAll("nav a")].map((one) => [one.hash.slice(1), one]),
  );
  const here = new IntersectionObserver(
    (entries) => {
      for (const one of entries) {
        if (!one.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(one.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "0px 0px -70% 0px" },
  );
  for (const one of document.querySelectorAll("main > section")) here.observe(one);

  // Sections that lie folded open when somebody goes to them.
  const folds = [...document.querySelectorAll("main > section > details")];
  const goTo = (hash) => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      return; // No name of anything here.
    }
    const fold = target?.closest("section")?.querySelector(":scope > details");
    if (!fold || fold.open) return;
    fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", () => goTo(location.hash));
  for (const [, link] of links) link.addEventListener("click", () => goTo(link.hash));
  goTo(location.hash);
  const unfold = document.getElementById("unfold");
  const allOpen = () => folds.every((one) => one.open);
  const said = () => unfold && (unfold.textContent = allOpen() ? words.fold : words.unfold);
  unfold?.addEventListener("click", () => {
    const open = !allOpen();
    for (const one of folds) one.open = open;
  });

  // Charts: drawn when they come near, then when nothing else is to do.
  // Colours are CSS variables, which the theme and the printer decide on without drawing anew.
  const coloured = (one) => {
    if (typeof one === "string") {
      return one.startsWith("@") && one.slice(1) in settings.colours ? `var(--${one.slice(1)})` : one;
    }
    if (Array.isArray(one)) return one.map(coloured);
    if (one && typeof one === "object") {
      return Object.fromEntries(
        Object.entries(one).map(([key, item]) => [key, key === "values" ? item : coloured(item)]),
      );
    }
    return one;
  };
  const specOf = (figure) =>
    JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const drawings = new WeakMap();
  const draw = (figure) => {
    if (!drawings.has(figure)) drawings.set(figure, drawn(figure, specOf(figure)));
    return drawings.get(figure);
  };
  const drawn = async (figure, spec) => {
    const plot = figure.querySelector(".plot");
    const split = ["hconcat", "vconcat", "concat", "facet"].some((key) => key in spec);
    try {
      const { view } = await vegaEmbed(plot, {
        ...(split || (spec.encoding && (spec.encoding.row || spec.encoding.column || spec.encoding.facet))
          ? {}
          : { width: "container", autosize: { type: "fit-x", contains: "padding" } }),
        ...coloured(spec),
        config: {
          ...settings.config,
          legend: { ...settings.config.legend, columns: Math.max(1, Math.floor(plot.clientWidth / 150)) },
        },
      }, { actions: false, renderer: "svg", defaultStyle: false });
      plot.style.minHeight = "";
      figure.dataset.drawn = "true";
      figure.view = view;
    } catch (error) {
      plot.classList.add("failed");
      plot.textContent = String(error);
      console.error(`${figure.id}: ${error}`);
    }
  };
  const figures = [...document.querySelectorAll("figure.chart")];
  const near = new IntersectionObserver(
    (entries) => {
      for (const one of entries) {
        if (!one.isIntersecting) continue;
        near.unobserve(one.target);
        draw(one.target);
      }
    },
    { rootMargin: "400px" },
  );
  for (const one of figures) near.observe(one);
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 60));
  // What lies folded has no width to be drawn in, and waits.
  const seen = (figure) => figure.closest("section > details:not([open])") === null;
  const rest = async (left) => {
    const one = left.find(seen);
    if (!one) {
      root.dataset.ready = "true";
      return;
    }
    await draw(one);
    idle(() => rest(left.slice(left.indexOf(one) + 1)), { timeout: 500 });
  };
  const others = (among) => {
    delete root.dataset.ready;
    idle(() => rest(among));
  };
  window.addEventListener("load", () => setTimeout(() => others(figures), 100));
  window.addEventListener("beforeprint", () => figures.filter(seen).forEach(draw));
  for (const one of folds) {
    one.addEventListener("toggle", () => {
      said();
      if (one.open) others([...one.querySelectorAll("figure.chart")]);
    });
  }
  said();

  // What can be taken from a chart: pictures, and the numbers behind it.
  const rowsOf = (one, found = []) => {
    if (Array.isArray(one)) one.forEach((item) => rowsOf(item, found));
    else if (one && typeof one === "object") {
      for (const [key, item] of Object.entries(one)) {
        if (key === "values" && Array.isArray(item) && item.length && typeof item[0] === "object") {
          found.push(...item);
        } else rowsOf(item, found);
      }
    }
    return found;
  };
  const columnsOf = (rows) => [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const save = (name, url) => {
    const link = make("a", { href: url, download: name });
    link.click();
  };
  const saveText = (name, text, kind) => {
    const url = URL.createObjectURL(new Blob([text], { type: kind }));
    save(name, url);
    setTimeout(() => URL.revokeObjectURL(url), 5000);
  };
  const svgOf = async (figure) => {
    await draw(figure);
    const svg = await figure.view.toSVG();
    return svg.replace(/var\(--(\w+)\)/g, (_, name) => settings.colours[name]);
  };
  const savings = {
    SVG: async (figure, name) => saveText(`${name}.svg`, await svgOf(figure), "image/svg+xml"),
    PNG: async (figure, name) => {
      const picture = new Image();
      picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await svgOf(figure))}`;
      await picture.decode();
      const canvas = make("canvas", { width: picture.width * 2, height: picture.height * 2 });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      save(`${name}.png`, canvas.toDataURL("image/png"));
    },
    CSV: (figure, name) => {
      const rows = rowsOf(specOf(figure));
      const columns = columnsOf(rows);
      const quoted = (one) => {
        const text = one === null || one === undefined ? "" : String(one);
        return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      };
      const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
      saveText(`${name}.csv`, lines.map((one) => one.map(quoted).join(",")).join("\n"), "text/csv");
    },
  };
  for (const figure of figures) {
    const name = figure.id.replace(/^chart-/, "");
    const tools = figure.querySelector(".tools");
    for (const [kind, work] of Object.entries(savings)) {
      const one = make("button", { type: "button", "aria-label": `${words.save} ${name}.${kind.toLowerCase()}` }, kind);
      one.addEventListener("click", () => work(figure, name));
      tools.append(one);
    }
    const order = figure.querySelector("select.order");
    order?.addEventListener("change", async () => {
      await draw(figure);
      const spec = specOf(figure);
      spec.encoding.y.sort = JSON.parse(order.value);
      figure.view?.finalize();
      drawings.set(figure, drawn(figure, spec));
    });
    const numbers = figure.querySelector("details.numbers");
    numbers.addEventListener("toggle", () => {
      if (!numbers.open || numbers.dataset.made) return;
      numbers.dataset.made = "true";
      const rows = rowsOf(specOf(figure));
      const columns = columnsOf(rows);
      const body = rows.slice(0, 2000).map((row) =>
        make("tr", {}, ...columns.map((key) => {
          const value = row[key];
          const number = typeof value === "number";
          const text = value === null || value === undefined ? "" : String(value);
          return make("td", number ? { class: "n" } : {}, text);
        })));
      const head = make("tr", {}, ...columns.map((key) => make("th", { scope: "col" }, key)));
      numbers.append(make("div", { class: "box", tabindex: "0", role: "region", "aria-label": words.numbers },
        make("table", { class: "data" }, make("thead", {}, head), make("tbody", {}, ...body))));
    });
  }

  // Answers: filtered, a page at a time. Everything is put in as text.
  const box = document.getElementById("answers-shown");
  if (!box) return;
  const answers = JSON.parse(document.getElementById("answers-data").textContent);
  const pictures = JSON.parse(document.getElementById("answers-pictures").textContent);
  const controls = document.getElementById("answers-filters");
  const keys = ["model", "dataset", "part", "verdict"];
  const STEP = 25;
  let shown = STEP;
  const whole = (one) => one.search ??= [
    one.id, one.prompt.map((turn) => turn[1]).join("\n"), one.reasoning, one.answer.join(""),
    one.extracted, one.target, one.reason, one.fault,
  ].join("\n").toLowerCase();
  const line = (title, ...content) => content.length && content[0] !== null
    ? [make("dt", {}, title), make("dd", {}, ...content)]
    : [];
  // What steers a terminal or turns the order of letters around is shown, not obeyed.
  const plain = (text) => text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g,
    (one) => {
      const code = one.charCodeAt(0);
      return code < 0x20
        ? String.fromCharCode(0x2400 + code)
        : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    },
  );
  const pre = (...content) => make("pre", { tabindex: "0", dir: "auto" },
    ...content.map((one) => (typeof one === "string" ? plain(one) : one)));
  const body = (one) => make("dl", {},
    ...one.prompt.flatMap(([role, text]) => line(role || words.prompt, pre(text))),
    ...one.media.flatMap(([kind, whence, name]) => line(words[kind] || kind,
      ...(pictures[name] ? [make("img", { src: pictures[name], alt: plain(whence), loading: "lazy" })] : []),
      make("div", { class: "quiet" }, plain(whence)))),
    ...(one.reasoning ? line(words.reasoning, pre(one.reasoning)) : []),
    ...(one.fault ? line(words.failure, pre(one.fault)) : []),
    ...(one.answer.join("") ? line(words.answer, pre(
      one.answer[0],
      ...(one.answer.length > 1 ? [make("mark", { title: words.read }, plain(one.answer[1])), one.answer[2]] : []),
    )) : []),
    ...(one.extracted !== null ? line(words.read, make("code", {}, plain(one.extracted))) : []),
    ...(one.target ? line(words.target, pre(one.target)) : []),
    ...(one.reason ? line(words.reason, one.reason) : []),
    ...(one.odd ? line(words.odd, one.odd) : []),
    ...(one.facts ? line(words.facts, one.facts) : []),
  );
  const item = (one) => {
    const tag = make("span", { class: "tag" }, one.word);
    tag.style.color = `var(--${one.verdict})`;
    const whole = one.fault || one.answer.join("") || one.reasoning;
    const excerpt = whole.length > 240 ? `… ${whole.slice(-240)}` : whole;
    const node = make("details", {}, make("summary", {}, tag,
      make("span", {}, `${one.model} / ${one.dataset}`),
      make("span", {}, one.part ? `${one.id} (${one.part})` : one.id),
      make("span", { class: "excerpt", dir: "auto" }, plain(excerpt.replace(/\s+/g, " ")))));
    node.addEventListener("toggle", () => {
      if (node.open && node.children.length === 1) node.append(body(one));
    });
    return node;
  };
  const count = document.getElementById("answers-count");
  const more = document.getElementById("answers-more");
  const show = () => {
    const wanted = Object.fromEntries(keys.map((key) => [key, controls.elements[key]?.value || ""]));
    const text = controls.elements.text.value.trim().toLowerCase();
    const fitting = answers.filter((one) =>
      keys.every((key) => !wanted[key] || one[key] === wanted[key]) && (!text || whole(one).includes(text)));
    box.replaceChildren(...fitting.slice(0, shown).map(item));
    count.textContent = fitting.length
      ? words.shown.replace("{shown}", Math.min(shown, fitting.length)).replace("{total}", fitting.length)
      : words.none;
    more.hidden = fitting.length <= shown;
  };
  controls.addEventListener("input", () => {
    shown = STEP;
    show();
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    const first = shown;
    shown += STEP;
    show();
    box.children[first]?.querySelector("summary").focus();
  });
  show();
})();
