// Panel: the task clock of the session, or of one account: pause, advance, set, scale.

import { get } from "./api.js";
import { command, moved, reset, useClock } from "./clock-strip.js";
import { html, useState } from "./dom.js";
import { count, counted, taskTime } from "./format.js";
import { Badge, Command, Empty, Panel, Problem, Rows, Text, Unseen } from "./parts.js";
import { chosen, useCommand, usePolled, useStore } from "./store.js";

/** The most changes of tasks that are listed. */
const LISTED = 100;

/** What an advance brought about. */
function Outcome({ answer }) {
  if (!answer?.was) return null;
  return html`<section aria-label="What happened">
    <h2>From ${taskTime(answer.was)} to ${taskTime(answer.now)}</h2>
    <p role="status">${counted(answer.transition_count, "change")} of tasks${answer.skipped_starts ? `, ${count(answer.skipped_starts)} starts left out` : ""}${answer.transition_count > LISTED
      ? `, the first ${LISTED} are listed` : ""}</p>
    ${answer.transitions.length > 0 && html`<${Rows} label="Changes of tasks" columns=${["At", "Account", "Task", "From", "To"]}>
      ${answer.transitions.slice(0, LISTED).map((one) => html`<tr>
        <td class="mono">${taskTime(one.at)}</td><td>${one.account}</td><td>${one.type}</td><td>${one.from ?? "(starts)"}</td><td>${one.to}</td></tr>`)}</${Rows}>`}
  </section>`;
}

/** A field and a button that sends what stands in it. */
function Order({ label, hint, button, initial, body, account, onDone, list }) {
  const [value, setValue] = useState(initial);
  const [run, { isBusy, error }] = useCommand();
  const submit = (event) => {
    event.preventDefault();
    run(async () => onDone(await command(body(value), account)));
  };
  return html`<form class="order" onSubmit=${submit}>
    <${Text} label=${label} hint=${hint} value=${value} onChange=${setValue} list=${list} required />
    <button type="submit" disabled=${isBusy}>${button}</button>
    <${Problem} error=${error} />
  </form>`;
}

function Own() {
  const { times } = useStore(moved);
  const { value } = usePolled(() => get("clock"), 3000, [times]);
  if (!value || value.own_clock_count === 0) {
    return html`<${Empty}>No account has a clock of its own. Choose an account above and move its clock: then it has one.</${Empty}>`;
  }
  return html`<${Rows} label="Clocks of accounts" columns=${["Account", "Clock", "State", html`<${Unseen}>Choose</${Unseen}>`]}>
    ${value.own_clocks.map(({ account, now, paused, rate }) => html`<tr key=${account}><td>${account}</td>
      <td class="mono">${taskTime(now)}</td><td>${paused ? "paused" : `×${rate}`}</td>
      <td><button type="button" onClick=${() => chosen.set({ account })}>Choose ${account}</button></td></tr>`)}</${Rows}>`;
}

export function ClockPanel() {
  const { account } = useStore(chosen);
  const { value: clock, error } = useClock();
  const [answer, setAnswer] = useState(null);
  const about = account ? `Commands here move the clock of ${account} alone.` : "Commands here move the session's clock and those of all accounts.";
  return html`<${Panel} title="Clock" about=${about}>
    <${Problem} error=${error} />
    ${clock && html`<p class="big-clock"><span class="mono">${taskTime(clock.now)}</span> UTC
      <${Badge} tone=${clock.paused ? "warn" : "ok"}>${clock.paused ? "paused" : "running"}</${Badge}>
      <${Badge}>×${clock.rate}</${Badge}>
      ${account && html`<${Badge}>${clock.own ? `own clock of ${account}` : "the session's clock"}</${Badge}>`}</p>
    <p class="buttons">
      <${Command} send=${() => command({ action: "pause" }, account)} disabled=${clock.paused}>Pause</${Command}>
      <${Command} send=${() => command({ action: "resume" }, account)} disabled=${!clock.paused}>Resume</${Command}>
      <${Command} tone="danger" send=${() => reset(account)}>
        ${account ? `Reset ${account}` : "Reset everything"}</${Command}>
    </p>
    <div class="orders">
      <${Order} label="Advance by" hint="6h, 1d, 90s, 1h 30m" button="Advance" initial="6h" body=${(by) => ({ action: "advance", by })} account=${account} onDone=${setAnswer} />
      <${Order} label="Set to" hint="a later time, in UTC" button="Set" initial=${`${clock.now.slice(0, 10)}T23:59:59Z`} body=${(to) => ({ action: "set", to })} account=${account} onDone=${setAnswer} />
      <${Order} label="Seconds per real second" hint="60: a minute passes in a second" button="Scale" initial="60" body=${(rate) => ({ action: "scale", rate: Number(rate) })} account=${account} onDone=${setAnswer} />
    </div>
    <${Outcome} answer=${answer} />`}
    <h2>Accounts with a clock of their own</h2>
    <${Own} />
  </${Panel}>`;
}
