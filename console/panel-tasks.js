// Panel: the tasks, how far they are, and what can be forced on them.

import { change, get, useRead, withQuery } from "./api.js";
import { moved } from "./clock-strip.js";
import { html, useMemo, useState } from "./dom.js";
import { count, counted, taskTime } from "./format.js";
import { Badge, Empty, Panel, Problem, Rows, Select, Text } from "./parts.js";
import { chosen, useCommand, usePolled, useStore } from "./store.js";
import { link } from "./stream.js";

/** The most tasks that are read, and that are shown. */
const MOST = 1000;
const SHOWN = 300;
const COLUMNS = ["Type", "Account", "Status", "Progress", "Force", "Targets", ["Started (UTC)", "extra"], ["Source", "extra"], ["Id", "extra"]];
const TONES = { INIT: "", START: "run", SUCCESS: "ok", FAIL: "bad", TIMEOUT: "warn" };
const isOver = (task) => !["INIT", "START"].includes(task.status);

function Force({ task, onDone }) {
  const [run, { isBusy, error }] = useCommand();
  const force = (action) => run(async () => {
    await change("PATCH", withQuery(`tasks/${task.id}`, { account: task.account }), { action });
    onDone();
  });
  return html`<span class="force" role="group" aria-label=${`Force ${task.type} of ${task.account}`}>
    ${["finish", "fail", "timeout", "stall"].map((action) => html`<button key=${action} type="button" disabled=${isBusy}
      aria-label=${`${action} ${task.type} of ${task.account}`} onClick=${() => force(action)}>${action}</button>`)}
    ${error && html`<span class="problem inline" role="alert">${error.message}</span>`}
  </span>`;
}

function Row({ task, onDone }) {
  return html`<tr>
    <td class="strong">${task.type}${task.name !== task.type && html`<span class="muted"> ${task.name}</span>`}</td>
    <td>${task.account}</td>
    <td><${Badge} tone=${TONES[task.status]}>${task.status}</${Badge}></td>
    <td class="progress"><progress max="100" value=${task.progress} aria-label=${`Progress of ${task.type} of ${task.account}`}></progress>
      <span class="mono">${task.progress}%</span></td>
    <td>${isOver(task) ? html`<span class="muted">${task.result === task.status ? "" : task.result}</span>` : html`<${Force} task=${task} onDone=${onDone} />`}</td>
    <td class="mono">${count(task.finish_count)}/${count(task.total_count)}</td>
    <td class="mono extra">${taskTime(task.started)}</td>
    <td class="muted extra">${task.source}</td>
    <td class="mono muted extra" title=${`${task.id}, number ${task.number}`}>${task.id.slice(0, 8)}</td>
  </tr>`;
}

function Start({ onDone, account }) {
  const [type, setType] = useState("IMAGE_SCAN");
  const [owner, setOwner] = useState(account || "test");
  const [run, { isBusy, error }] = useCommand();
  const { value: schema } = useRead("schema.json");
  const types = schema?.properties.lifecycles.propertyNames.anyOf[0].enum.filter((name) => name !== "*") ?? [];
  const submit = (event) => {
    event.preventDefault();
    run(async () => {
      await change("POST", "tasks", { account: owner, type });
      onDone();
    });
  };
  return html`<form class="line-form" onSubmit=${submit} aria-label="Start a task">
    <${Text} label="Start a task of type" list="task-types" value=${type} onChange=${setType} required />
    <datalist id="task-types">${types.map((name) => html`<option key=${name} value=${name}></option>`)}</datalist>
    <${Text} label="for account" value=${owner} onChange=${setOwner} required />
    <button type="submit" disabled=${isBusy}>Start</button>
    <${Problem} error=${error} />
  </form>`;
}

export function TasksPanel() {
  const { account } = useStore(chosen);
  const { transitions } = useStore(link);
  const { times } = useStore(moved);
  const [shown, setShown] = useState("");
  // Read again when a task changes, at most as often as the stream says so.
  const { value, error, refresh } = usePolled(() => get(withQuery("tasks", { account, limit: MOST })), 1000, [account, times, transitions]);
  const found = useMemo(() => {
    const all = (value?.tasks ?? []).filter((task) => !shown || (shown === "running") !== isOver(task));
    return all.sort((one, other) => (one.started < other.started ? 1 : one.started > other.started ? -1 : 0));
  }, [value, shown]);
  const tasks = found.slice(0, SHOWN);
  const about = value && [
    counted(value.total, "task"),
    // As the API lists them.
    value.total > MOST && (account
      ? `the oldest ${count(MOST)} are read`
      : `the first ${count(MOST)} are read, by account and the oldest of each first; choose an account to see its own`),
    found.length > SHOWN && `the newest ${SHOWN} of ${count(found.length)} are shown`,
  ].filter(Boolean).join("; ");
  return html`<${Panel} title="Tasks" about=${about}>
    <div class="filters">
      <${Select} label="Show" value=${shown} onChange=${setShown} options=${[["", "all tasks"], ["running", "not ended"], ["ended", "ended"]]} />
      <${Start} onDone=${refresh} account=${account} />
    </div>
    <${Problem} error=${error} />
    ${value && (tasks.length === 0
      ? html`<${Empty}>No task${shown ? " of this kind" : " yet"}. The first poll of a type starts one, and so does the form above.</${Empty}>`
      : html`<${Rows} label="Tasks, newest first" columns=${COLUMNS}>
        ${tasks.map((task) => html`<${Row} key=${`${task.account} ${task.id}`} task=${task} onDone=${refresh} />`)}</${Rows}>`)}
  </${Panel}>`;
}
