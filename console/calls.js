// The last calls, by number, and which of them a filter shows.

import { wordsOf } from "./format.js";
import { createStore } from "./store.js";

/** The most calls that the page keeps. */
export const MOST = 1000;

/** `list` is oldest first and replaced whenever something came; `missed` counts calls that were not sent. */
export const calls = createStore({ list: [], missed: 0, isHeld: false, held: 0 });

let kept = [];
let late = [];

export function addCalls(records) {
  if (calls.get().isHeld) {
    late = [...late, ...records].slice(-MOST);
    calls.set({ held: late.length });
    return;
  }
  if (records.some(isOfAnotherRun)) forgetCalls();
  const last = kept.length > 0 ? kept[kept.length - 1].sequence : 0;
  if (records.every((record, at) => record.sequence > (at > 0 ? records[at - 1].sequence : last))) {
    kept = kept.concat(records);
  } else {
    // Calls finish in another order than they arrive, and one in flight comes again when it has finished.
    const byNumber = new Map(kept.map((record) => [record.sequence, record]));
    for (const record of records) {
      const known = byNumber.get(record.sequence);
      if (!known || known.in_flight) byNumber.set(record.sequence, record);
    }
    kept = [...byNumber.values()].sort((one, other) => one.sequence - other.sequence);
  }
  kept = kept.slice(-MOST);
  calls.set({ list: kept });
}

/** Whether the emulator was started again since the kept calls: the numbers begin with 1 then. */
function isOfAnotherRun({ sequence, time }) {
  const first = kept[0];
  if (!first || sequence > kept[kept.length - 1].sequence) return false;
  // A call that finished late has a lower number than the kept ones, but arrived before them, give or take a race.
  if (sequence < first.sequence) return Date.parse(time) - Date.parse(first.time) > 1000;
  const known = kept.find((record) => record.sequence === sequence);
  return known !== undefined && known.time !== time;
}

export function addMissed(count) {
  calls.set({ missed: calls.get().missed + count });
}

/** Keeps the list as it is, so that it can be read while calls come. */
export function hold(isHeld) {
  calls.set({ isHeld, held: 0 });
  const records = late;
  late = [];
  // One by one: the emulator may have been started again between two of them.
  if (!isHeld) for (const record of records) addCalls([record]);
}

export function forgetCalls() {
  kept = [];
  late = [];
  calls.set({ list: kept, missed: 0, held: 0 });
}

export const RESULTS = [
  ["", "all results"],
  ["ok", "succeeded"],
  ["failed", "failed"],
  ["4xx", "refused (4xx)"],
  ["5xx", "errors (5xx)"],
  ["broken", "connection broken"],
  ["fault", "touched by a fault"],
  ["escaped", "escaped"],
];

/** A status in one word: `ok`, `warn` (4xx) or `bad` (5xx). */
export const statusTone = (status) => (status < 400 ? "ok" : status < 500 ? "warn" : "bad");

/** How a call ended: the word for its status, `bad` if its connection broke, or `wait`. */
export function outcome(call) {
  if (call.in_flight) return "wait";
  return call.status === null ? "bad" : statusTone(call.status);
}

function has(call, result) {
  switch (result) {
    case "ok":
      return outcome(call) === "ok";
    case "failed":
      return outcome(call) === "warn" || outcome(call) === "bad";
    case "4xx":
      return outcome(call) === "warn";
    case "5xx":
      return call.status >= 500;
    case "broken":
      return call.broke !== null;
    case "fault":
      return call.faults.length > 0;
    case "escaped":
      return call.escaped !== undefined;
    default:
      return true;
  }
}

/** What a filter looks at. */
function searched(call) {
  const { request_id: id, account, status, broke, code, faults, agent, task } = call;
  const params = Object.entries(call.params ?? {}).flat();
  return [title(call), ...params, id, account, status, broke, code, ...faults, agent, task?.status].filter(Boolean).join(" ");
}

/** The calls that a filter shows; every word of the text must be somewhere in the call. */
export function select(list, { text, account, result }) {
  const words = wordsOf(text);
  return list.filter((call) => {
    if (account && call.account !== account) return false;
    if (!has(call, result)) return false;
    if (words.length === 0) return true;
    call.text ??= searched(call).toLowerCase();
    return words.every((word) => call.text.includes(word));
  });
}

/** The operation, or what stands for it. */
export function title(call) {
  return call.action ?? (call.escaped ? `${call.method} ${call.escaped}` : "(unreadable request)");
}
