// The table of lines: what each does, its SIM, what keeps it from calling, and all that is known of it when opened.

import { byName, fold, over, pill, quiet, running } from "./cells.js";
import { el, signal } from "./draw.js";
import { count, moment, seconds, t } from "./format.js";
import { spanRows } from "./spans.js";
import { allLines, useOf } from "./use.js";

const PASSING = new Set(["cool_down"]); // rules that pass by themselves within moments: no remark, the table would jump

// The lines by name; a span's channels are one entry under the span's name.
export function lineRows(state, options) {
  const lines = allLines(state);
  const spans = [...new Set(lines.map((line) => line.span).filter(Boolean))];
  const entries = [...lines.filter((line) => !line.span),
    ...spans.map((span) => ({ line: span, channels: lines.filter((line) => line.span === span) }))];
  return entries.sort(byName("line")).flatMap((entry) =>
    (entry.channels ? spanRows(entry.line, entry.channels, state, options) : rowsOf(entry, options)));
}

function rowsOf(line, { now, opened, toggle }) {
  const open = opened.has(line.line);
  const notes = [...remarks(line, now), ...(open ? [details(line, now)] : [])];
  return [{ key: line.line, noted: notes.length > 0, cells: [
    fold(line.line, open, toggle), over(line.number_text ?? quiet(), simOf(line)), over(stateOf(line), underState(line)),
    over(signalOf(line), line.operator),
    { n: balanceOf(line.sim ?? {}, now) },
    { n: line.since ? running(line.since) : quiet() },
  ] }, ...notes];
}

// A telephone line has no signal to be measured.
function signalOf(line) {
  const dbm = line.signal_dbm;
  if (line.gateway === "pstn") return quiet();
  return el("span", { class: "signal-cell" }, signal(dbm),
    el("span", { class: "quiet" }, dbm === null || dbm === undefined ? t("signal.none") : t("signal.dbm", { dbm })));
}

const stateOf = (line) => pill("line", useOf(line) === "limited" ? "limited" : line.state);
const simOf = (line) => [line.sim?.label, line.sim?.carrier].filter(Boolean).join(" · ");

function underState(line) {
  const answer = line.answer && el("span", { class: `answer ${line.answer}`, title: t(`answer_help.${line.answer}`) }, t(`answer.${line.answer}`));
  const recoveries = line.recoveries > 0 && el("span", { class: "recoveries", title: `${t("detail.recoveries")}: ${recoveryOf(line)}` },
    "↻", count(line.recoveries), el("span", { class: "unseen" }, ` ${t("detail.recoveries")}`));
  return answer || recoveries ? el("span", {}, ...[answer, recoveries].filter(Boolean)) : null;
}

function balanceOf(sim, now) {
  if (!sim.balance) return quiet();
  if (!sim.balance_at) return sim.balance;
  return el("span", { title: t("sim.balance_at", { time: moment(sim.balance_at, now) }) }, over(sim.balance, moment(sim.balance_at, now, false)));
}

// What somebody should know of a line without opening it, worst first.
function remarks(line, now) {
  const out = useOf(line) === "out";
  const advice = out ? t(`${line.gateway === "pstn" ? "advice_pstn" : "advice"}.${line.state}`) : "";
  const why = [advice.startsWith("advice") ? "" : advice, out && line.reason].filter(Boolean).join(" — ");
  const sim = line.sim ?? {};
  return [
    why && { key: `${line.line}/why`, note: why },
    sim.blocked && !PASSING.has(ruleOf(sim)) && { key: `${line.line}/blocked`, note: blockedOf(sim, now), look: "fair" },
    sim.alarm && { key: `${line.line}/alarm`, note: `${t("sim.alarm")}: ${alarmsOf(sim)}`, look: "fair" },
  ].filter(Boolean);
}

const ruleOf = (sim) => sim.blocked.split(":")[0];

// "asr_low: 31% of calls are answered, usual are 64%; …": said in the page's language, with now and usual.
const alarmsOf = (sim) => sim.alarm.split("\n").map((alarm) => {
  const said = t(`alarm.${alarm.split(":")[0]}`);
  const figures = alarm.match(/[\d.]+(%| s)/g) ?? [];
  return said.startsWith("alarm.") ? alarm : `${said} (${figures.slice(0, 2).join(" ← ")})`;
}).join("; ");

function blockedOf(sim, now) {
  const rule = t(`rule.${ruleOf(sim)}`);
  const words = rule.startsWith("rule.") ? sim.blocked : rule;
  return `${t("sim.blocked")}: ${words}${sim.blocked_until ? ` ${t("sim.until", { time: moment(sim.blocked_until, now) })}` : ""}`;
}

const recoveryOf = (line) => `${count(line.recoveries)}${line.recovery ? ` — ${line.recovery}` : ""}`;

function details(line, now) {
  const sim = line.sim ?? {};
  const known = {
    model: line.model, imei: line.imei, iccid: sim.iccid, imsi: line.imsi, carrier: sim.carrier, label: sim.label,
    balance: sim.balance && `${sim.balance}${sim.balance_at ? ` (${moment(sim.balance_at, now)})` : ""}`,
    used: line.sim && seconds(sim.used_seconds), blocked: sim.blocked,
    answer: line.answer && `${t(`answer.${line.answer}`)} — ${t(`answer_help.${line.answer}`)}`,
    recoveries: line.recoveries > 0 && recoveryOf(line),
  };
  const told = Object.entries(known).filter(([, value]) => value);
  const list = el("dl", { class: "details" }, ...told.flatMap(([name, value]) => [el("dt", {}, t(`detail.${name}`)), el("dd", {}, value)]));
  return { key: `${line.line}/more`, note: told.length ? list : t("detail.none"), look: "more" };
}
