// The table of lines: what each does, its SIM, what keeps it from calling, and all that is known of it when opened.

import { byName, pill, quiet, running } from "./cells.js";
import { el, signal } from "./draw.js";
import { count, moment, seconds, t } from "./format.js";

const IN_SERVICE = new Set(["idle", "incoming", "dialling", "alerting", "active", "ending", "cooling-down"]);
const PASSING = new Set(["cool_down"]); // rules that pass by themselves within moments: no remark, the table would jump

export function allLines(state) {
  const known = Object.fromEntries((state.ledger?.lines ?? []).map((line) => [line.line, line]));
  const silent = Object.values(known).filter((line) => !(line.line in state.line)).map((line) => ({
    ...line, state: line.enabled ? "unknown" : "disabled", since: null, signal_dbm: null, operator: null,
  }));
  return [...Object.values(state.line), ...silent].sort(byName("line"));
}

// What a line is good for: "idle" it can carry any call, "limited" its SIM may not call out, "busy", "out" of service.
export function useOf(line) {
  if (!IN_SERVICE.has(line.state)) return "out";
  if (line.state !== "idle") return "busy";
  return line.sim?.blocked ? "limited" : "idle";
}

export function lineRows(state, { now, opened, toggle }) {
  return allLines(state).flatMap((line) => {
    const open = opened.has(line.line);
    const notes = [...remarks(line, now), ...(open ? [details(line, now)] : [])];
    const dbm = line.signal_dbm;
    return [{ key: line.line, noted: notes.length > 0, cells: [
      nameButton(line.line, open, toggle), over(line.number_text ?? quiet(), simOf(line)), over(stateOf(line), underState(line)),
      over(el("span", { class: "signal-cell" }, signal(dbm),
        el("span", { class: "quiet" }, dbm === null || dbm === undefined ? t("signal.none") : t("signal.dbm", { dbm }))), line.operator),
      { n: balanceOf(line.sim ?? {}, now) },
      { n: line.since ? running(line.since) : quiet() },
    ] }, ...notes];
  });
}

function nameButton(name, open, toggle) {
  const button = el("button", { type: "button", class: "fold", "aria-expanded": String(open), title: t("line.details") }, name);
  button.addEventListener("click", () => toggle(name));
  return button;
}

// Two things in a cell, the second small under the first.
const over = (first, second) => el("span", {}, first, second ? el("span", { class: "under" }, second) : null);
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
  const advice = out ? t(`advice.${line.state}`) : "";
  const why = [advice.startsWith("advice.") ? "" : advice, out && line.reason].filter(Boolean).join(" — ");
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
