// Words, times and numbers in the reader's language and the site's time zone.

const setup = JSON.parse(document.getElementById("setup").textContent);
const { words, timezone, language } = setup;
export const version = setup.version;

export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) return key; // a state this page doesn't know yet: better its name than nothing
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const clock = new Intl.DateTimeFormat(language, { timeZone: timezone, timeStyle: "medium", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat(language, { timeZone: timezone, timeStyle: "short", hourCycle: "h23" });
const dayOf = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
const longDay = new Intl.DateTimeFormat(language, {
  timeZone: timezone, year: "numeric", month: language === "ja" ? "2-digit" : "short",
  day: language === "ja" ? "2-digit" : "numeric", weekday: "short",
});
const shortDay = new Intl.DateTimeFormat(language, {
  timeZone: timezone, month: language === "ja" ? "2-digit" : "short", day: language === "ja" ? "2-digit" : "numeric",
});
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const whole = new Intl.NumberFormat(language);

export const time = (at) => clock.format(at);
export const date = (at) => longDay.format(at);
export const rate = (value) => (value === null || value === undefined ? "–" : percent.format(value));
export const count = (value) => whole.format(value);

// A time: with its day unless it is today; in short, the time of day or the day.
export function moment(text, now, full = true) {
  const at = new Date(text);
  const today = dayOf.format(at) === dayOf.format(now);
  if (!full) return (today ? shortClock : shortDay).format(at);
  return today ? clock.format(at) : `${shortDay.format(at)} ${clock.format(at)}`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  const all = Math.max(0, Math.floor(value));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

export const caller = (row) => row.caller_text ?? t("caller.withheld");
