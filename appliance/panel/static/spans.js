// A span in the table of lines: its alarms in one row, and below it a cell for each of its channels.

import { fold, over, pill, quiet, running } from "./cells.js";
import { el } from "./draw.js";
import { count, t } from "./format.js";
import { useOf } from "./use.js";

export function spanRows(name, lines, state, { opened, toggle }) {
  const span = state.span[name] ?? { state: "unknown", alarms: [], since: null };
  const open = opened.has(name);
  const why = span.state === "up" ? "" : [advice(span), ...span.alarms.map(alarm), span.reason].filter(Boolean).join(" — ");
  return [{ key: name, noted: true, lines: lines.length, cells: [
    fold(name, open, toggle), over(numberOf(lines), kindOf(span, lines)), over(pill("span", span.state), inUse(lines)),
    over(el("span", { class: span.alarms.length ? "alarmed" : null }, alarmNames(span)), layer2(span)),
    { n: quiet() }, { n: span.since ? running(span.since) : quiet() },
  ] }, ...(why ? [{ key: `${name}/why`, note: why }] : []), { key: `${name}/channels`, note: cells(lines), look: "channels" },
  ...(open ? [{ key: `${name}/more`, note: details(span), look: "more" }] : [])];
}

const numberOf = (lines) => lines[0]?.number_text ?? quiet();
const kindOf = (span, lines) => [span.kind?.toUpperCase(), t("span.channels", { count: count(lines.length) })].filter(Boolean).join(" · ");
const inUse = (lines) => t("span.in_use", { count: count(lines.filter((line) => useOf(line) === "busy").length) });
const alarmNames = (span) => (span.alarms.length ? span.alarms.map((name) => word(`span_alarm_name.${name}`, name)).join(" ") : t("span.no_alarm"));
const layer2 = (span) => (span.state === "unknown" ? "" : t(span.layer2 ? "span.layer2_up" : "span.layer2_down"));
const alarm = (name) => word(`span_alarm.${name}`, name);
const advice = (span) => word(`advice_span.${span.state}`, "");

// A word that the page may not know yet.
function word(key, otherwise) {
  const text = t(key);
  return text === key ? otherwise : text;
}

// An E1 in two lines of 15, a T1 in two of 12. Each says its state in words to who hovers over it, or has it read aloud.
function cells(lines) {
  return el("ul", { class: lines.length > 24 ? "channels wide" : "channels" }, ...lines.map((line) => {
    const doing = [t(`line.${line.state}`), line.caller_text].filter(Boolean).join(" ");
    return el("li", { class: `channel use-${useOf(line)} line-${line.state}`, title: `${line.line}: ${doing}` },
      line.line.split(".").pop(), el("span", { class: "unseen" }, ` ${doing}`));
  }));
}

function details(span) {
  const known = { layer2: layer2(span), drops: span.drops, errors: span.errors };
  const told = Object.entries(known).filter(([, value]) => value !== undefined && value !== "");
  if (!told.length) return t("detail.none");
  return el("dl", { class: "details" }, ...told.flatMap(([name, value]) => [el("dt", {}, t(`detail.${name}`)), el("dd", {}, String(value))]));
}
