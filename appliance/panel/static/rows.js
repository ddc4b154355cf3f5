// From state to table rows. A row is {key, cells, …}; a cell is a text, a node, or {n: …} for a figure to the right.
// A row {key, note} belongs to the row above it: a remark, or with `more` what a reader has opened.

import { byName, pill, quiet, running, strong } from "./cells.js";
import { el, share } from "./draw.js";
import { caller, count, moment, rate, seconds, t } from "./format.js";
import { lineRows } from "./lines.js";

const AGENT_ORDER = ["ringing", "on-call", "wrap-up", "available", "paused", "logged-out"];

export function waitingCalls(state) {
  return Object.values(state.queue).flatMap((queue) => queue.waiting.map((call) => ({ ...call, queue: queue.label })))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
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

  lines: lineRows,

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
