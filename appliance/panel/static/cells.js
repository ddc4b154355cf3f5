// What cells of all tables are made of.

import { el } from "./draw.js";
import { t } from "./format.js";

export const byName = (key) => (a, b) => String(a[key]).localeCompare(String(b[key]), "en", { numeric: true });

// A running time: floor.js counts it on. `levels` colours it at 10 s, 1 min and 5 min.
export const running = (since, levels = false) => el("span", { "data-since": since, "data-levels": levels });
export const pill = (kind, state) => el("span", { class: `pill ${kind}-${state}` }, t(`${kind}.${state}`));
export const quiet = (text) => el("span", { class: "quiet" }, text ?? "–");
export const strong = (text) => el("strong", {}, text ?? "–");
