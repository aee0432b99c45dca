// The clock in the head of the page: what it shows, and the commands that are needed most.

import { change, get, withQuery } from "./api.js";
import { html } from "./dom.js";
import { taskTime } from "./format.js";
import { Command } from "./parts.js";
import { chosen, createStore, usePolled, useStore } from "./store.js";

/** Counts the commands that moved a clock or began anew, so that all parts read again. */
export const moved = createStore({ times: 0 });

export const noteMoved = () => moved.set({ times: moved.get().times + 1 });

/** Sends a command to the session's clock, or to that of the account. */
export async function command(body, account) {
  const answer = await change("PUT", withQuery("clock", { account }), body);
  noteMoved();
  return answer;
}

/** Begins a new session, or resets the account alone. */
export async function reset(account) {
  await change("POST", withQuery("reset", { account }));
  noteMoved();
}

/** Reads the clock that the chosen account uses, once a second and after each command. */
export function useClock() {
  const { account } = useStore(chosen);
  const { times } = useStore(moved);
  // Of an account without a clock of its own, this is the session's.
  return usePolled(() => get(withQuery("clock", { account })), 1000, [account, times]);
}

export function ClockStrip() {
  const { value: clock } = useClock();
  const { account } = useStore(chosen);
  if (!clock) return null;
  const whose = account ? ` of ${account}` : "";
  const state = clock.paused ? "paused" : clock.rate === 1 ? "running" : `×${clock.rate}`;
  return html`<section class="clock-strip" aria-label="Task clock">
    <a href="#clock" class="mono now" title="The task clock, in UTC">${taskTime(clock.now)}</a>
    <span class=${clock.paused ? "badge warn" : "badge"}>${state}</span>
    <${Command} label=${`${clock.paused ? "Resume" : "Pause"} the clock${whose}`}
      send=${() => command({ action: clock.paused ? "resume" : "pause" }, account)}>${clock.paused ? "Resume" : "Pause"}</${Command}>
    ${["1m", "1h", "1d"].map((by) => html`<${Command} key=${by} label=${`Advance the clock${whose} by ${by}`}
      send=${() => command({ action: "advance", by }, account)}>+${by}</${Command}>`)}
  </section>`;
}
