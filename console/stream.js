// Reads the event stream with `fetch`, because EventSource cannot send the token, and connects again when it ends.

import { access, get, send } from "./api.js";
import { MOST, addCalls, addMissed } from "./calls.js";
import { createStore } from "./store.js";

/** The most calls a second that are asked for: more could not be read. */
const PER_SECOND = 200;
/**
 * The pause before the next attempt to connect, in milliseconds: SHORTEST after a stream that was live, and twice the last pause
 * after an attempt that failed, up to LONGEST.
 */
const SHORTEST = 500;
const LONGEST = 5000;

/** `connecting`, `live` or `lost`; counts tell parts of the page that there is something to read. */
export const link = createStore({ state: "connecting", transitions: 0, commands: 0 });

let waiting = [];
let isPlanned = false;

/** Gives what has come to the page once per frame; a hidden page has no frames. */
function plan() {
  if (isPlanned) return;
  isPlanned = true;
  const next = document.hidden ? (run) => setTimeout(run, 500) : requestAnimationFrame;
  next(() => {
    isPlanned = false;
    const events = waiting;
    waiting = [];
    take(events);
  });
}

function take(events) {
  const calls = [];
  const more = { transitions: 0, commands: 0 };
  let missed = 0;
  for (const { kind, data } of events) {
    if (kind === "call") calls.push(data);
    else if (kind === "missed") missed += data.calls ?? 0;
    else if (kind === "transition") more.transitions += 1;
    else if (kind === "command") more.commands += 1;
  }
  if (missed > 0) addMissed(missed);
  if (calls.length > 0) addCalls(calls);
  if (more.transitions + more.commands > 0) {
    const { transitions, commands } = link.get();
    link.set({ transitions: transitions + more.transitions, commands: commands + more.commands });
  }
}

/** Splits the text of a stream into events. */
function reader(onEvent) {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      let kind = "";
      const data = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) kind = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(5).trim());
      }
      onEvent(kind, data.length > 0 ? JSON.parse(data.join("\n")) : null);
    }
  };
}

async function listen() {
  const response = await send("GET", `events?per_second=${PER_SECOND}`);
  link.set({ state: "live" });
  // After the stream began, so that no call is in neither.
  get(`requests?limit=${MOST}`).then(({ requests }) => addCalls(requests), () => {});
  const text = new TextDecoder();
  const stream = response.body.getReader();
  const read = reader((kind, data) => {
    if (kind) waiting.push({ kind, data });
  });
  for (;;) {
    const { done, value } = await stream.read();
    if (done) return;
    read(text.decode(value, { stream: true }));
    if (waiting.length > 0) plan();
  }
}

/** Listens as long as the page is open. */
export async function keepListening() {
  let pause = SHORTEST;
  for (;;) {
    try {
      await listen();
    } catch {
      // The next attempt shows whether it passes.
    }
    const wasLive = link.get().state === "live";
    pause = wasLive ? SHORTEST : Math.min(pause * 2, LONGEST);
    link.set({ state: "lost" });
    await passed(pause);
  }
}

/** Waits, but not longer than until there is a token. */
const passed = (pause) =>
  new Promise((go) => {
    const end = () => {
      clearTimeout(timer);
      stop();
      go();
    };
    const timer = setTimeout(end, pause);
    const stop = access.subscribe(() => access.get().isAsked || end());
  });
