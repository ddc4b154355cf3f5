// Which lines there are, and what each is good for now.

import { byName } from "./cells.js";

const IN_SERVICE = new Set(["idle", "incoming", "dialling", "alerting", "active", "ending", "cooling-down"]);

// Every line that is configured or that a gateway has told of; `span` is the one that it is a channel of, if any.
export function allLines(state) {
  const known = Object.fromEntries((state.ledger?.lines ?? []).map((line) => [line.line, line]));
  const told = Object.values(state.line).map((line) => ({ ...line, span: spanOf(line.line, known, state) }));
  const silent = Object.values(known).filter((line) => !(line.line in state.line)).map((line) => ({
    ...line, state: line.enabled ? "unknown" : "disabled", since: null, signal_dbm: null, operator: null,
  }));
  return [...told, ...silent].sort(byName("line"));
}

// A channel is named SPAN.TIMESLOT; the store says so too, unless it is away.
function spanOf(line, known, state) {
  const prefix = line.replace(/\.\d\d$/, "");
  return known[line]?.span ?? (prefix !== line && prefix in state.span ? prefix : null);
}

// What a line is good for: "idle" it can carry any call, "limited" its SIM may not call out, "busy", "out" of service.
export function useOf(line) {
  if (!IN_SERVICE.has(line.state)) return "out";
  if (line.state !== "idle") return "busy";
  return line.sim?.blocked ? "limited" : "idle";
}
