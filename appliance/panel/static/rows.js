// From state to table rows. A row is {key, cells, …}; a cell is a text, a node, or {n: …} for a figure to the right.
// A row {key, note} is a remark on the row above it.

import { el, share, signal } from "./draw.js";
import { caller, count, moment, rate, seconds, t } from "./format.js";

export const IN_SERVICE = new Set(["idle", "incoming", "dialling", "alerting", "active", "ending", "cooling-down"]);
const AGENT_ORDER = ["ringing", "on-call", "wrap-up", "available", "paused", "logged-out"];
const byName = (key) => (a, b) => String(a[key]).localeCompare(String(b[key]), "en", { numeric: true });

// A running time: floor.js counts it on. `levels` colours it at 10 s, 1 min and 5 min.
export const running = (since, levels = false) => el("span", { "data-since": since, "data-levels": levels });
const pill = (kind, state) => el("span", { class: `pill ${kind}-${state}` }, t(`${kind}.${state}`));
const quiet = (text) => el("span", { class: "quiet" }, text ?? "–");
const strong = (text) => el("strong", {}, text ?? "–");

export function waitingCalls(state) {
  return Object.values(state.queue).flatMap((queue) => queue.waiting.map((call) => ({ ...call, queue: queue.label })))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

export function allLines(state) {
  const known = Object.fromEntries((state.ledger?.lines ?? []).map((line) => [line.line, line]));
  const silent = Object.values(known).filter((line) => !(line.line in state.line)).map((line) => ({
    ...line, state: line.enabled ? "unknown" : "disabled", since: null, signal_dbm: null, operator: null,
  }));
  return [...Object.values(state.line), ...silent].sort(byName("line"));
}

export const ROWS = {
  queues(state) {
    const today = Object.fromEntries((state.ledger?.queues ?? []).map((row) => [row.queue, row]));
    const names = [...new Set([...Object.keys(today), ...Object.keys(state.queue)])].sort();
    return names.map((name) => {
      const now = state.queue[name];
      const day = today[name];
      const first = now?.waiting.map((call) => call.since).sort()[0];
      const figure = (value) => ({ n: value === undefined || value === null ? "–" : count(value) });
      return { key: name, cells: [
        strong(now?.label ?? day.label),
        { n: now ? el("span", { class: now.waiting.length ? "many" : "quiet" }, count(now.waiting.length)) : "–" },
        { n: first ? running(first, true) : quiet() }, figure(now?.available), figure(now?.logged_in),
        figure(day?.offered), figure(day?.answered),
        { n: el("span", { class: "rate" }, share(day?.answer_rate), rate(day?.answer_rate)) },
        figure(day?.abandoned), { n: seconds(day?.average_wait) },
      ] };
    });
  },

  waiting(state) {
    return waitingCalls(state).map((call) => ({ key: call.call, cells: [
      String(call.position), strong(caller(call)), call.queue, { n: running(call.since, true) },
    ] }));
  },

  calls(state) {
    return Object.values(state.call).sort(byName("started")).map((call) => ({ key: call.call, cells: [
      way(call.direction), strong(caller(call)), call.did_text ?? quiet(), call.line ?? quiet(),
      call.queue ? queueName(state, call.queue) : quiet(), agentName(state, call.agent, call.extension),
      pill("call", call.state), { n: running(call.started) },
    ] }));
  },

  agents(state, { loggedOut = false } = {}) {
    const rank = (agent) => AGENT_ORDER.indexOf(agent.state);
    const agents = Object.values(state.agent).filter((agent) => loggedOut || agent.state !== "logged-out");
    return agents.sort((a, b) => rank(a) - rank(b) || byName("agent")(a, b)).map((agent) => {
      const call = state.call[agent.call];
      return { key: agent.agent, dim: agent.state === "logged-out", cells: [
        strong(agent.name), agent.agent, agent.extension ?? quiet(),
        el("span", {}, pill("agent", agent.state), agent.reason ? el("span", { class: "why" }, agent.reason) : null),
        { n: running(agent.since) }, call ? otherParty(call, agent) : quiet(""),
      ] };
    });
  },

  lines(state) {
    return allLines(state).flatMap((line) => {
      const out = !IN_SERVICE.has(line.state);
      const advice = out && `advice.${line.state}`;
      const why = [advice && t(advice) !== advice ? t(advice) : null, out ? line.reason : null].filter(Boolean);
      const dbm = line.signal_dbm;
      const note = why.length ? [{ key: `${line.line}/why`, note: why.join(" — ") }] : [];
      return [{ key: line.line, noted: note.length > 0, cells: [
        strong(line.line), line.number_text ?? quiet(), pill("line", line.state),
        el("span", { class: "signal-cell" }, signal(dbm),
          el("span", { class: "quiet" }, dbm === null || dbm === undefined ? t("signal.none") : t("signal.dbm", { dbm }))),
        line.operator ?? quiet(), { n: line.since ? running(line.since) : quiet() },
      ] }, ...note];
    });
  },

  last(state, { now, play }) {
    return (state.ledger?.calls ?? []).map((call) => {
      const at = moment(call.ended, now);
      return { key: call.call, cells: [
        el("span", { title: moment(call.at, now) }, at), way(call.direction), strong(caller(call)), call.did_text ?? quiet(), call.queue ?? quiet(),
        agentName({ agent: {} }, call.agent_name ?? call.agent, call.extension), { n: seconds(call.wait) }, { n: seconds(call.talk) },
        el("span", { title: causeOf(call) }, call.result ? pill("result", call.result) : "–"),
        call.ended_by ? t(`ended_by.${call.ended_by}`) : quiet(),
        el("span", { class: "plays" }, ...call.recordings.map((recording) => playButton(recording, call, at, play))),
      ] };
    });
  },
};

function way(direction) {
  const arrow = { inbound: "↘", outbound: "↗", internal: "⇄" }[direction] ?? "";
  return el("span", { class: `way ${direction}` }, `${arrow} ${t(`direction.${direction}`)}`);
}

const queueName = (state, name) => state.queue[name]?.label ?? name;
const causeOf = (call) => (call.cause === null ? null : `Q.850 ${call.cause} ${call.cause_text ?? ""}`.trim());

function agentName(state, agent, extension) {
  if (!agent) return extension ? extension : quiet();
  return state.agent[agent]?.name ?? agent;
}

function otherParty(call, agent) {
  const dialled = call.direction === "outbound" || (call.direction === "internal" && call.caller === agent.extension);
  return el("span", { class: "way" }, dialled ? `↗ ${call.did_text ?? "–"}` : `↘ ${caller(call)}`);
}

function playButton(recording, call, at, play) {
  const label = t("player.play", { caller: caller(call), time: at });
  const button = el("button", { type: "button", class: "play", title: label, "aria-label": label, "data-recording": recording.id },
    "▶ ", seconds(recording.seconds));
  button.addEventListener("click", () => play(recording.id, `${at}  ${caller(call)}`));
  return button;
}
