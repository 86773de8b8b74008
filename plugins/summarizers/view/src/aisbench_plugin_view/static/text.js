// Texts in the reader's language, and numbers as people read them.

const spoken = { language: "en", words: {}, lines: {} };

export function speak(language, words) {
  spoken.language = language;
  spoken.words = language === "en" ? {} : words;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export function language() {
  return spoken.language;
}

// The English template is the key; values stand in the places of {names}.
export function t(template, values) {
  const text = spoken.words[template] || template;
  return text.replace(/\{(\w+)\}/g, (place, name) =>
    values && values[name] !== undefined ? String(values[name]) : place,
  );
}

// Lines that core made, which come with their translations.
export function learn(lines) {
  Object.assign(spoken.lines, lines || {});
}

export function line(text) {
  return (spoken.language !== "en" && spoken.lines[text]) || text;
}

export function whole(value) {
  return value === null || value === undefined ? "—" : Math.round(value).toLocaleString("en-US");
}

// Halves to the even neighbour, as the tables of the terminal have them.
function fixed(value, digits) {
  const scaled = value * 10 ** digits;
  const half = Math.abs(scaled % 1) === 0.5;
  return half ? (2 * Math.round(scaled / 2) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

export function number(value) {
  if (value === null || value === undefined) return "—";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  if (size >= 10) return fixed(value, 1);
  if (size >= 1) return fixed(value, 2);
  return size === 0 ? "0" : value.toPrecision(3);
}

export function figureText(one) {
  return `${number(one.value)} ${one.unit === "%" ? "%" : one.unit}`.trim();
}

export function interval(one) {
  if (one.low === null || one.low === undefined) return "";
  return `[${number(one.low)}, ${number(one.high)}]`;
}

export function share(value) {
  return value === null || value === undefined ? "—" : `${number(100 * value)} %`;
}

export function ms(value) {
  if (value === null || value === undefined) return "—";
  return value >= 10000 ? `${(value / 1000).toFixed(1)} s` : `${number(value)} ms`;
}

export function seconds(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "—";
  if (value < 60) return `${Math.round(value)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
}

export function moment(text) {
  const at = new Date(text);
  if (!text || Number.isNaN(at.getTime())) return "—";
  const two = (value) => String(value).padStart(2, "0");
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}`
  );
}

export function verdictName(verdict) {
  const names = {
    right: t("right"),
    wrong: t("wrong"),
    unparsed: t("unparsed"),
    truncated: t("truncated"),
    unfinished: t("unfinished"),
    filtered: t("filtered"),
    refused: t("refused"),
    graded: t("graded"),
    unjudged: t("unjudged"),
    failed: t("failed"),
  };
  return verdict ? names[verdict] || verdict : t("not scored");
}

// Names of anomalies.
export function kindName(kind) {
  const names = {
    empty: t("empty"),
    repetition: t("repetition"),
    garbled: t("garbled"),
    "foreign script": t("foreign script"),
    nan: t("nan"),
    "broken words": t("broken words"),
    "unlikely tokens": t("unlikely tokens"),
  };
  return names[kind] || kind;
}
