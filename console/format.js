// Times, lengths and counts as text, and a text as words.

const NUMBER = new Intl.NumberFormat("en");

export const count = (number) => NUMBER.format(number);

/** `1 call`, `2 calls`. */
export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** The time of day of a machine's time, here, with milliseconds. */
export function clockTime(time) {
  const at = new Date(time);
  const two = (number) => String(number).padStart(2, "0");
  const millis = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}

/** A time of the task clock, in UTC, to the second. */
export const taskTime = (time) => new Date(time).toISOString().replace("T", " ").slice(0, 19);

export function millis(number) {
  if (number === null || number === undefined) return "";
  return number < 10 ? `${number.toFixed(2)} ms` : number < 1000 ? `${number.toFixed(0)} ms` : `${(number / 1000).toFixed(2)} s`;
}

/** The words of a filter. */
export const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

/** The parameters of a call on one line. */
export const params = (given) =>
  Object.entries(given ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
