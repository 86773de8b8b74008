// Small drawings that need no library: bars of outcomes, a trend, a sparkline.

import { h, svg } from "./dom.js";
import { figureText, interval, moment, number, t, verdictName, whole } from "./text.js";

export const VERDICTS = [
  "right", "graded", "wrong", "unparsed", "truncated", "unfinished", "filtered", "refused",
  "unjudged", "failed",
];

// The words beside the bar say what its colours do.
export function outcomeBar(counts, asked) {
  const there = VERDICTS.filter((one) => counts[one] > 0);
  const total = there.reduce((sum, one) => sum + counts[one], 0) || 1;
  const words = there.map((one) => `${verdictName(one)} ${whole(counts[one])}`).join(", ");
  const bar = svg("svg", {
    class: "bar", viewBox: "0 0 600 14", preserveAspectRatio: "none", role: "img",
    "aria-label": words || t("no answers"),
  });
  let x = 0;
  for (const one of there) {
    const width = (600 * counts[one]) / total;
    bar.append(
      svg("rect", {
        x, y: 0, width: Math.max(width - 1, 0.5), height: 14, fill: `var(--${one})`,
      }, svg("title", {}, `${verdictName(one)}: ${whole(counts[one])}`)),
    );
    x += width;
  }
  const legend = h("ul", { class: "legend" }, there.map((one) =>
    h("li", { class: one }, "■ ", h("span", {}, `${verdictName(one)} ${whole(counts[one])}`)),
  ), asked ? h("li", { class: "quiet" }, t("{n} asked", { n: whole(asked) })) : null);
  return h("div", {}, bar, legend);
}

export function sparkline(values, title) {
  const known = values.filter((one) => one !== null && Number.isFinite(one));
  const top = Math.max(...known, 1e-9);
  const points = known.map((one, at) => {
    const x = known.length < 2 ? 108 : 2 + (106 * at) / (known.length - 1);
    return `${x.toFixed(1)},${(22 - (20 * one) / top).toFixed(1)}`;
  });
  return svg("svg", { class: "spark", viewBox: "0 0 110 24", role: "img", "aria-label": title },
    svg("polyline", {
      points: points.join(" "), fill: "none", stroke: "var(--accent)", "stroke-width": 1.5,
    }));
}

// 1, 2 or 5 times a power of ten.
function niceStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  const found = [1, 2, 5, 10].find((one) => one * power >= size);
  return found * power;
}

// One figure of several runs over time, with its intervals.
export function trendChart(points, title, room_) {
  const width = Math.min(Math.max(room_ || 880, 300), 880);
  const [height, left, right, top, bottom] = [220, 64, 16, 12, 34];
  const lows = points.map((one) => one.low ?? one.value);
  const highs = points.map((one) => one.high ?? one.value);
  let [low, high] = [Math.min(...lows), Math.max(...highs)];
  const step = niceStep((high - low || Math.abs(high) || 1) / 4);
  [low, high] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  if (low === high) high += step;
  const x = (at) =>
    points.length < 2 ? (left + width - right) / 2
      : left + 20 + ((width - left - right - 40) * at) / (points.length - 1);
  const y = (value) => top + ((height - top - bottom) * (high - value)) / (high - low);
  const chart = svg("svg", {
    class: "trend", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": title,
  });
  for (let at = 0; at <= Math.round((high - low) / step); at += 1) {
    const value = low + at * step;
    chart.append(
      svg("line", { class: "rule", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  chart.append(svg("polyline", {
    class: "line", points: points.map((one, at) => `${x(at)},${y(one.value)}`).join(" "),
  }));
  const every = Math.ceil(points.length / Math.max(2, Math.floor(width / 125)));
  points.forEach((one, at) => {
    if (one.low !== null && one.low !== undefined) {
      chart.append(svg("line", { class: "span", x1: x(at), x2: x(at), y1: y(one.low), y2: y(one.high) }));
    }
    chart.append(
      svg("a", { href: one.href, "aria-label": `${moment(one.date)} ${figureText(one)}` },
        svg("circle", { class: "dot", cx: x(at), cy: y(one.value), r: points.length > 60 ? 2.5 : 4.5 }),
        svg("title", {}, `${moment(one.date)}\n${figureText(one)} ${interval(one)} n=${whole(one.n)}`)),
    );
    if (at % every === 0) {
      const last = at > 0 && x(at) > width - 90;
      chart.append(svg("text", {
        x: last ? width - 2 : x(at), y: height - 12, "text-anchor": last ? "end" : "middle",
      }, moment(one.date)));
    }
  });
  return chart;
}
