// The live page: keeps the tables, tiles and bar in step with the feed, and counts the running times.

import { blocks, el, ring, stack } from "./draw.js";
import { OLD_SECONDS, Feed } from "./feed.js";
import { caller, count, date, rate, seconds, t, time, version } from "./format.js";
import { running } from "./cells.js";
import { ROWS, waitingCalls } from "./rows.js";
import { allLines, useOf } from "./use.js";

const LEVELS = [10, 60, 300]; // seconds waited: look, worry, act
const AGENT_STATES = ["available", "ringing", "on-call", "wrap-up", "paused"];
const byId = (id) => document.getElementById(id);
const view = { loggedOut: false, opened: new Set(), announced: new Map() };
let due = false;

const feed = new Feed("/stream", () => {
  if (due) return; // many changes at once are drawn once
  due = true;
  setTimeout(() => {
    due = false;
    draw();
  }, 50);
});

function draw() {
  const state = feed.state;
  if (state.version !== version) return location.reload(); // the appliance was updated under an open page
  const options = { loggedOut: view.loggedOut, now: feed.now(), play, opened: view.opened, toggle };
  for (const [name, rowsOf] of Object.entries(ROWS)) fill(name, rowsOf(state, options));
  drawTiles(state);
  drawServices(state);
  drawLoggedOut(state);
  tick();
}

// Put rows into a table, leaving alone those that did not change: the reader's focus stays where it is.
function fill(name, rows) {
  const body = byId(`table-${name}`).tBodies[0];
  const present = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const wanted = rows.length ? rows : [{ key: "", empty: true, cells: [] }];
  wanted.forEach((row, index) => {
    const fresh = row.empty ? emptyRow(body) : tableRow(row, body.dataset.columns);
    const old = present.get(row.key);
    present.delete(row.key);
    const node = old && old.shape === fresh.shape ? old : fresh;
    if (old && node !== old) replace(old, node);
    if (body.rows[index] !== node) body.insertBefore(node, body.rows[index] ?? null);
  });
  for (const gone of present.values()) gone.remove();
  byId(`table-${name}`).querySelector(".count").textContent = name === "last" ? "" : count(rows.reduce((sum, row) => sum + (row.note ? 0 : row.lines ?? 1), 0));
}

// The button that has the focus keeps it in the row as it is now.
function replace(old, node) {
  const focused = old.contains(document.activeElement);
  old.replaceWith(node);
  if (focused) node.querySelector("button")?.focus();
}

function tableRow(row, columns) {
  const look = [row.dim && "dim", row.noted && "noted", row.note && "note", row.look].filter(Boolean).join(" ");
  const node = el("tr", { "data-key": row.key, class: look || null });
  if (row.note) node.append(el("td", { colspan: columns }, row.note));
  for (const cell of row.cells ?? []) {
    const figure = typeof cell === "object" && "n" in cell;
    node.append(el("td", figure ? { class: "n" } : {}, figure ? cell.n : cell));
  }
  node.shape = node.className + node.innerHTML; // taken before the running times are filled in
  return node;
}

function emptyRow(body) {
  const node = el("tr", { "data-key": "" }, el("td", { colspan: body.dataset.columns, class: "empty" }, body.dataset.empty));
  node.shape = "empty";
  return node;
}

function tile(name, value, of = "", ...drawn) {
  const node = byId(`tile-${name}`);
  node.querySelector(".value").replaceChildren(value);
  node.querySelector(".of").textContent = of;
  node.querySelector(".drawn").replaceChildren(...drawn);
  return node;
}

function drawTiles(state) {
  const waiting = waitingCalls(state);
  const agents = Object.values(state.agent);
  const inState = (name) => agents.filter((agent) => agent.state === name).length;
  const loggedIn = agents.length - inState("logged-out");
  const calls = Object.values(state.call);
  const going = (direction) => calls.filter((call) => call.direction === direction).length;
  const first = waiting[0]?.since;
  const queues = Object.values(state.queue).filter((queue) => queue.waiting.length);
  tile("waiting", count(waiting.length), "", el("p", { class: "legend" },
    ...queues.map((queue) => el("span", {}, `${queue.label} ${count(queue.waiting.length)}`)))).dataset.since = first ?? "";
  tile("longest", first ? running(first) : "0:00", "", el("p", { class: "legend" },
    first ? `${caller(waiting[0])} · ${waiting[0].queue}` : "")).dataset.since = first ?? "";
  tile("available", count(inState("available")), t("tile.available_of", { count: count(loggedIn) }),
    stack(AGENT_STATES.map((name) => [name, inState(name)])),
    el("p", { class: "legend" }, ...AGENT_STATES.filter(inState).map((name) =>
      el("span", { class: `key-${name}` }, `${t(`agent.${name}`)} ${count(inState(name))}`))));
  tile("calls", count(calls.length), "", el("p", { class: "legend" }, t("tile.calls_split",
    { inbound: going("inbound"), outbound: going("outbound"), internal: going("internal") })));
  drawLines(allLines(state).filter((line) => line.state !== "disabled"));
  drawRate(state.ledger?.queues ?? []);
}

function drawLines(lines) {
  const uses = lines.map(useOf);
  const number = (use) => uses.filter((each) => each === use).length;
  const kinds = ["idle", "busy", "limited", "out"];
  const drawn = uses.length > 64 ? stack(kinds.map((use) => [use, number(use)])) : blocks(uses);
  tile("lines", count(uses.length - number("out")), t("tile.lines_of", { count: count(uses.length) }), drawn,
    el("p", { class: "legend" }, ...kinds.filter(number).map((use) =>
      el("span", { class: `key-${use}` }, `${t(`tile.lines_${use}`)} ${count(number(use))}`))));
}

function drawRate(queues) {
  const sum = (name) => queues.reduce((all, queue) => all + queue[name], 0);
  const value = sum("decided") ? sum("answered") / sum("decided") : null;
  tile("rate", rate(value), "", ring(value), el("p", { class: "legend" }, t("tile.rate_detail", {
    answered: count(sum("answered")), offered: count(sum("offered")), abandoned: count(sum("abandoned")),
  })));
}

function drawServices(state) {
  const names = [...new Set([...needed(state), ...Object.keys(state.service)])];
  const chips = names.map((name) => chip(name, state.service[name]?.state ?? "unknown"));
  const sources = Object.entries(state.sources).map(([name, there]) => chip(name, there ? "online" : "offline"));
  byId("services").replaceChildren(...sources, ...chips);
}

function chip(name, state) {
  const label = `service.${name}`;
  const title = t(`service_state.${state}`);
  return el("li", { class: `service ${state}`, title }, t(label) === label ? name : t(label), el("span", { class: "unseen" }, ` ${title}`));
}

function drawLoggedOut(state) {
  const out = Object.values(state.agent).filter((agent) => agent.state === "logged-out").length;
  const button = byId("logged-out") ?? byId("card-agents").appendChild(el("button", { type: "button", id: "logged-out", class: "more" }));
  button.hidden = !out;
  button.textContent = view.loggedOut ? t("agents.hide_out") : t("agents.show_out", { count: count(out) });
  button.onclick = () => {
    view.loggedOut = !view.loggedOut;
    draw();
  };
}

// The services without which the page isn't true: the core, and the gateways of lines that are configured.
function needed(state) {
  const gateways = (state.ledger?.lines ?? []).filter((line) => line.enabled).map((line) => line.gateway);
  return ["pbx", ...(gateways.length ? new Set(gateways) : ["gsm"])];
}

// What stops the page from being true, worst first.
function problems() {
  if (feed.age() > OLD_SECONDS) return [t("feed.lost")];
  if (!feed.state) return [];
  const found = [];
  if (!feed.state.sources.bus) found.push(t("feed.bus"));
  else for (const name of needed(feed.state)) found.push(...serviceProblem(name, feed.state.service[name]?.state));
  if (!feed.state.sources.database) found.push(t("feed.database"));
  return found;
}

function serviceProblem(name, state) {
  if (state === "online") return [];
  const key = { offline: "feed.service", starting: "feed.service_starting" }[state] ?? "feed.service_unheard";
  return [t(key, { service: t(`service.${name}`) })];
}

function drawFeed() {
  const found = problems();
  const bar = byId("bar");
  const text = found.length ? `${t("feed.not_live")}: ${found.join(" ")}` : "";
  if (bar.textContent !== text) bar.textContent = text; // set only when it differs: it is read aloud
  bar.classList.toggle("on", found.length > 0);
  document.body.classList.toggle("old", found.length > 0);
  const name = found.length ? "not_live" : feed.state ? "live" : "connecting";
  byId("feed-state").textContent = t(`feed.${name}`);
  byId("feed-state").className = `feed-state ${name}`;
  byId("feed-age").textContent = feed.state ? t("feed.age", { seconds: Math.floor(feed.age()) }) : "";
}

const level = (waited) => LEVELS.filter((least) => waited >= least).length;
const waitedSince = (text) => (feed.now() - Date.parse(text)) / 1000;

function tick() {
  const now = feed.now();
  byId("clock").textContent = time(now);
  byId("date").textContent = date(now);
  for (const node of document.querySelectorAll("[data-since]")) {
    const waited = node.dataset.since ? waitedSince(node.dataset.since) : 0;
    if (!node.classList.contains("tile")) node.textContent = seconds(waited);
    if (node.classList.contains("tile") || "levels" in node.dataset) node.dataset.level = level(waited);
  }
  drawFeed();
  if (feed.state) announce();
}

// Read aloud only that a wait has crossed one and five minutes, not every second of it.
function announce() {
  const waiting = waitingCalls(feed.state);
  for (const call of waiting) {
    const reached = level(waitedSince(call.since));
    if (reached > Math.max(1, view.announced.get(call.call) ?? 0)) {
      view.announced.set(call.call, reached);
      byId("announce").textContent = t("announce.wait", { minutes: LEVELS[reached - 1] / 60, queue: call.queue });
    }
  }
  const still = new Set(waiting.map((call) => call.call));
  for (const key of view.announced.keys()) if (!still.has(key)) view.announced.delete(key);
}

function toggle(line) {
  if (!view.opened.delete(line)) view.opened.add(line);
  draw();
}

function play(id, title) {
  byId("player-title").textContent = title;
  byId("player").hidden = false;
  byId("audio").src = `/recordings/${id}`;
  byId("audio").play().catch(() => undefined); // the error event below tells
  for (const button of document.querySelectorAll(".play")) button.classList.toggle("on", button.dataset.recording === id);
}

function closePlayer() {
  byId("audio").pause();
  byId("player").hidden = true;
  document.querySelector(".play.on")?.focus();
}

byId("audio").addEventListener("error", () => {
  byId("player-title").textContent = t("player.failed");
});
byId("player-close").addEventListener("click", closePlayer);
byId("player").addEventListener("keydown", (event) => event.key === "Escape" && closePlayer());
byId("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).getPropertyValue("--is-dark").trim() === "1";
  localStorage.setItem("theme", dark ? "light" : "dark");
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
setInterval(tick, 1000);
tick();
