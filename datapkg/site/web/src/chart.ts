// Lines over time: direct labels, gaps as gaps, forecasts dashed, hedges as whiskers, every point a way to its claims.

import { scaleLinear, scaleUtc } from "d3-scale";
import { line } from "d3-shape";
import { h, svg } from "./dom";
import { number, short } from "./format";
import { language } from "./state";

export interface Point {
  start: string;
  end: string;
  label: string;
  value: number | null;
  low: number | null;
  high: number | null;
  /** How the value reads, with its hedge. */
  text: string;
  notes: string;
  href: string;
}

export interface Series {
  id: string;
  label: string;
  color: string;
  /** The voice that leads, another voice, or a forecast. */
  style: "lead" | "other" | "forecast";
  points: Point[];
}

const MARGIN = { top: 14, right: 150, bottom: 28, left: 52 };
const DAY = 86_400_000;
/** Okabe and Ito's colours, which differ for the colour-blind too, dark enough on white and light enough on black. */
export const COLORS = Array.from({ length: 10 }, (_, place) => `var(--line-${place})`);

export interface ChartOptions {
  unit: string;
  zero: boolean;
  title: string;
}

export function chart(series: Series[], options: ChartOptions): HTMLElement {
  const tip = h("div", { class: "tip", hidden: true });
  const box = h("div", { class: "chart" }, tip);
  const draw = () => {
    const size = box.clientWidth || 900;
    box.querySelector("svg")?.remove();
    box.prepend(drawn(series, options, size, tip));
  };
  let before = 0;
  new ResizeObserver(() => {
    if (box.clientWidth && box.clientWidth !== before) {
      before = box.clientWidth;
      draw();
    }
  }).observe(box);
  return box;
}

function middle(point: Point): number {
  return (Date.parse(point.start) + Date.parse(point.end) + DAY) / 2;
}

function drawn(series: Series[], options: ChartOptions, width: number, tip: HTMLElement): SVGSVGElement {
  const narrow = width < 560;
  const margin = { ...MARGIN, right: narrow ? 92 : MARGIN.right, left: narrow ? 40 : MARGIN.left };
  const height = narrow ? 300 : 420;
  const every = series.flatMap((one) => one.points);
  const xs = every.map(middle);
  const ys = every.flatMap((point) => [point.value, point.low, point.high].filter((value) => value !== null));
  const x = scaleUtc([Math.min(...xs), Math.max(...xs)], [margin.left + 6, width - margin.right]);
  const y = scaleLinear([options.zero ? Math.min(0, ...ys) : Math.min(...ys), Math.max(...ys)], [height - margin.bottom, margin.top]).nice();
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": options.title });
  root.append(axes(x, y, options, width, height, margin));
  const marks: { x: number; y: number; point: Point; series: Series; dot: SVGElement }[] = [];
  for (const one of order(series)) {
    const group = svg("g", { class: `series ${one.style}` });
    group.style.color = one.color;
    for (const run of runs(one.points)) {
      const path = line<Point>((point) => x(middle(point)), (point) => y(place(point)))(run);
      group.append(svg("path", { d: path }));
    }
    for (const point of one.points) group.append(...mark(point, one, x(middle(point)), y, marks));
    root.append(group);
  }
  root.append(labels(series, x, y, width, margin.right));
  hovering(root, marks, tip, width);
  return root;
}

function place(point: Point): number {
  return point.value ?? ((point.low ?? point.high ?? 0) + (point.high ?? point.low ?? 0)) / 2;
}

function order(series: Series[]): Series[] {
  const place = { other: 0, forecast: 1, lead: 2 };
  return [...series].sort((one, other) => place[one.style] - place[other.style]);
}

/** Points without a gap between them: the next period begins where the last one ends. */
export function runs(points: Point[]): Point[][] {
  const found: Point[][] = [];
  for (const point of [...points].sort((one, other) => middle(one) - middle(other))) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (run && last && Date.parse(point.start) - Date.parse(last.end) <= 4 * DAY) run.push(point);
    else found.push([point]);
  }
  return found;
}

function mark(point: Point, one: Series, at: number, y: (value: number) => number,
  marks: { x: number; y: number; point: Point; series: Series; dot: SVGElement }[]): SVGElement[] {
  const ranged = point.low !== null && point.high !== null && point.low !== point.high;
  const parts: SVGElement[] = [];
  if (ranged) parts.push(svg("line", { class: "whisker", x1: at, x2: at, y1: y(point.low ?? 0), y2: y(point.high ?? 0) }));
  const hollow = point.value === null || /^[≈≥≤<>]/.test(point.text) || ranged;
  const dot = svg("circle", { class: hollow ? "dot hollow" : "dot", cx: at, cy: y(place(point)), r: one.style === "other" ? 2 : 3 });
  parts.push(svg("a", { href: point.href, tabindex: "-1", "aria-label": `${one.label} ${point.label}: ${point.text}` }, dot));
  marks.push({ x: at, y: y(place(point)), point, series: one, dot });
  return parts;
}

type Time = ReturnType<typeof scaleUtc<number, number>>;
type Linear = ReturnType<typeof scaleLinear<number, number>>;

function axes(x: Time, y: Linear, options: ChartOptions, width: number, height: number, margin: typeof MARGIN): SVGGElement {
  const group = svg("g", { class: "axes", "aria-hidden": "true" });
  for (const tick of y.ticks(5)) {
    const text = options.unit === "%" ? `${number(tick)}%` : short(tick);
    group.append(svg("line", { x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : null }),
      svg("text", { x: margin.left - 6, y: y(tick) + 4, "text-anchor": "end" }, text));
  }
  const ticks = x.ticks(width < 560 ? 3 : 7);
  const yearly = ticks.every((tick) => tick.getUTCMonth() === 0);
  const form = new Intl.DateTimeFormat(language(), yearly ? { year: "numeric", timeZone: "UTC" } : { year: "numeric", month: "short", timeZone: "UTC" });
  for (const tick of ticks) {
    group.append(svg("line", { x1: x(tick), x2: x(tick), y1: height - margin.bottom, y2: height - margin.bottom + 5 }),
      svg("text", { x: x(tick), y: height - 8, "text-anchor": "middle" }, form.format(tick)));
  }
  return group;
}

/** Names at the ends of the lines, moved apart where they would cover each other. */
function labels(series: Series[], x: Time, y: Linear, width: number, room: number): SVGGElement {
  const named = series.filter((one) => one.style === "lead" && one.points.length).map((one) => {
    const last = [...one.points].sort((a, b) => middle(a) - middle(b)).at(-1) as Point;
    return { one, from: [x(middle(last)), y(place(last))] as const, at: y(place(last)) };
  }).sort((a, b) => a.at - b.at);
  for (let round = 0; round < 40; round++) {
    named.forEach((label, number) => {
      const next = named[number + 1];
      const gap = next ? 15 - (next.at - label.at) : 0;
      if (next && gap > 0) {
        label.at -= gap / 2;
        next.at += gap / 2;
      }
    });
  }
  const group = svg("g", { class: "labels", "aria-hidden": "true" });
  const left = width - room + 14;
  const letters = Math.floor((room - 22) / 6.6);
  for (const { one, from, at } of named) {
    const text = one.label.length > letters ? `${one.label.slice(0, letters - 1)}…` : one.label;
    const joint = svg("path", { d: `M${from[0] + 4},${from[1]}L${left - 9},${at}L${left - 4},${at}` });
    const label = svg("text", { x: left, y: at + 4 }, text);
    joint.style.color = label.style.color = one.color;
    group.append(joint, label);
  }
  return group;
}

function hovering(root: SVGSVGElement, marks: { x: number; y: number; point: Point; series: Series; dot: SVGElement }[],
  tip: HTMLElement, width: number): void {
  const rule = svg("line", { class: "rule", y1: MARGIN.top, y2: Number(root.getAttribute("height")) - MARGIN.bottom });
  root.prepend(rule);
  const hide = () => {
    tip.hidden = true;
    rule.classList.remove("seen");
    root.querySelector(".near")?.classList.remove("near");
  };
  root.addEventListener("pointerleave", hide);
  root.addEventListener("pointermove", (event) => {
    const at = event.clientX - root.getBoundingClientRect().left;
    const over = event.clientY - root.getBoundingClientRect().top;
    const far = (mark: { x: number; y: number }) => Math.abs(mark.x - at) * 3 + Math.abs(mark.y - over);
    const near = marks.reduce<(typeof marks)[number] | null>((best, mark) => (!best || far(mark) < far(best) ? mark : best), null);
    if (!near) return;
    root.querySelector(".near")?.classList.remove("near");
    near.dot.classList.add("near");
    rule.setAttribute("x1", String(near.x));
    rule.setAttribute("x2", String(near.x));
    rule.classList.add("seen");
    const same = marks.filter((mark) => mark.point.label === near.point.label && mark.series.style !== "other");
    const told = (same.some((mark) => mark === near) ? same : [near, ...same]).sort((a, b) => a.y - b.y).slice(0, 14);
    tip.replaceChildren(h("strong", {}, near.point.label), ...told.map((mark) => {
      const swatch = h("span", { class: "swatch" });
      swatch.style.background = mark.series.color;
      return h("div", { class: mark === near ? "this" : null }, swatch, h("span", { class: "grow" }, mark.series.label), h("b", {}, mark.point.text));
    }), h("small", {}, near.point.notes));
    tip.hidden = false;
    const right = near.x > width / 2;
    tip.style.left = right ? "" : `${near.x + 14}px`;
    tip.style.right = right ? `${width - near.x + 14}px` : "";
    tip.style.top = "12px";
  });
}
