// What cells of all tables are made of.

import { el } from "./draw.js";
import { t } from "./format.js";

export const byName = (key) => (a, b) => String(a[key]).localeCompare(String(b[key]), "en", { numeric: true });

// A running time: floor.js counts it on. `levels` colours it at 10 s, 1 min and 5 min.
export const running = (since, levels = false) => el("span", { "data-since": since, "data-levels": levels });
export const pill = (kind, state) => el("span", { class: `pill ${kind}-${state}` }, t(`${kind}.${state}`));
export const quiet = (text) => el("span", { class: "quiet" }, text ?? "–");
// Two things in a cell, the second small under the first.
export const over = (first, second) => el("span", {}, first, second ? el("span", { class: "under" }, second) : null);

// A name that opens and closes what more is known.
export function fold(name, open, toggle) {
  const button = el("button", { type: "button", class: "fold", "aria-expanded": String(open), title: t("line.details") }, name);
  button.addEventListener("click", () => toggle(name));
  return button;
}

export const strong = (text) => el("strong", {}, text ?? "–");
