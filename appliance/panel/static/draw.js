// What is drawn: signal bars, a share as bar or ring, a row of states. Each drawing has a text beside it or a label.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

function picture(width, height, name, ...shapes) {
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: name, "aria-hidden": "true" });
  svg.append(...shapes);
  return svg;
}

// GSM signal levels in dBm (3GPP TS 27.007 §8.5 spans -113 to -51): the least for 1 to 5 bars.
const BARS = [-109, -101, -93, -85, -75];

export function signal(dbm) {
  const lit = dbm === null || dbm === undefined ? 0 : BARS.filter((least) => dbm >= least).length;
  const bars = BARS.map((_, i) => shape("rect", {
    x: i * 5, y: 13 - 3 * (i + 1) + 1, width: 3.6, height: 3 * (i + 1) - 1, rx: 1, class: i < lit ? "lit" : "unlit",
  }));
  return picture(24, 13, `signal level-${lit}`, ...bars);
}

export function share(value) {
  const width = 54;
  const part = Math.max(0, Math.min(1, value ?? 0)) * width;
  return picture(width, 6, `share ${grade(value)}`,
    shape("rect", { width, height: 6, rx: 3, class: "track" }), shape("rect", { width: part, height: 6, rx: 3, class: "part" }));
}

export function ring(value) {
  const around = 2 * Math.PI * 21;
  const circle = (name, dash) => shape("circle", {
    cx: 26, cy: 26, r: 21, fill: "none", "stroke-width": 7, class: name, transform: "rotate(-90 26 26)", "stroke-dasharray": dash,
  });
  return picture(52, 52, `ring ${grade(value)}`, circle("track", "none"), circle("part", `${(value ?? 0) * around} ${around}`));
}

// Over 90 % is well, over 80 % is so-so.
function grade(value) {
  if (value === null || value === undefined) return "none";
  return value >= 0.9 ? "good" : value >= 0.8 ? "fair" : "bad";
}

// Agents by state, as one bar cut in proportion: [[state, count], …].
export function stack(parts) {
  const all = parts.reduce((sum, [, number]) => sum + number, 0);
  const width = 180;
  let x = 0;
  const cuts = parts.filter(([, number]) => number).map(([state, number]) => {
    const wide = (number / all) * width;
    const cut = shape("rect", { x, width: Math.max(1, wide - 1.5), height: 10, rx: 2, class: `fill-${state}` });
    x += wide;
    return cut;
  });
  const drawn = picture(width, 10, "stack", ...(all ? cuts : [shape("rect", { width, height: 10, rx: 2, class: "track" })]));
  drawn.setAttribute("preserveAspectRatio", "none");
  return drawn;
}

// One mark a line, in order: a block each up to 64 lines.
export function blocks(states) {
  const shown = states.slice(0, 64);
  const rows = Math.max(1, Math.ceil(shown.length / 16));
  const size = rows > 2 ? 8 : 13;
  const columns = Math.max(1, Math.ceil(shown.length / rows));
  const marks = shown.map((state, i) => shape("rect", {
    x: (i % columns) * (size + 3), y: Math.floor(i / columns) * (size + 2), width: size, height: size, rx: 2.5, class: `fill-${state}`,
  }));
  return picture(columns * (size + 3), rows * (size + 2), "blocks", ...marks);
}
