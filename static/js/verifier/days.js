/* Civil days of Taipei (UTC+8, a fixed offset), as YYYY-MM-DD: they compare as text. Pure. */
const OFFSET_MS = 8 * 3600 * 1000;
export const DAY_MS = 86_400_000;

export const dayOf = ms => new Date(ms + OFFSET_MS).toISOString().slice(0, 10);

/* The last day on which a card of that `exp` (seconds) is good: the one that holds the second before. */
export const lastDay = exp => dayOf((exp - 1) * 1000);

/* The moment at which that day is over. */
export const endOf = day => Date.parse(day + "T00:00:00+08:00") + DAY_MS;

/* A day that there is, written in the one way; else null. */
export function realDay(text) {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(text + "T00:00:00Z");
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? text : null;
}

/* 115.11.21, or 21 November 2026. */
export function said(day, language) {
  const [year, month, date] = day.split("-");
  if (language !== "en") return `${String(Number(year) - 1911).padStart(3, "0")}.${month}.${date}`;
  return `${Number(date)} ${new Date(day + "T00:00:00Z").toLocaleDateString("en-GB", { month: "long", timeZone: "UTC" })} ${year}`;
}
