// The page: its head with the clock, the list of panels, and the panel that the address names.

import { access, get } from "./api.js";
import { calls } from "./calls.js";
import { ClockStrip } from "./clock-strip.js";
import { html, render, useEffect, useMemo, useState } from "./dom.js";
import { count } from "./format.js";
import { CallsPanel } from "./panel-calls.js";
import { ClockPanel } from "./panel-clock.js";
import { CommandsPanel } from "./panel-commands.js";
import { EscapedPanel } from "./panel-escaped.js";
import { FaultsPanel } from "./panel-faults.js";
import { OperationsPanel } from "./panel-operations.js";
import { ScenarioPanel } from "./panel-scenario.js";
import { TasksPanel } from "./panel-tasks.js";
import { TimelinePanel } from "./panel-timeline.js";
import { chosen, usePolled, useStore } from "./store.js";
import { keepListening, link } from "./stream.js";
import { TokenPanel } from "./token.js";

const PANELS = [
  ["calls", "Calls", CallsPanel],
  ["timeline", "Timeline", TimelinePanel],
  ["tasks", "Tasks", TasksPanel],
  ["clock", "Clock", ClockPanel],
  ["faults", "Faults", FaultsPanel],
  ["scenario", "Scenario", ScenarioPanel],
  ["operations", "Operations", OperationsPanel],
  ["escaped", "Escaped calls", EscapedPanel],
  ["commands", "Commands", CommandsPanel],
];

/** `#operations/GetLastOnceTaskInfo` is a panel and what it shows. */
const address = () => location.hash.slice(1).split("/").map(decoded);

/** The text that a part of an address stands for; the part itself if it stands for none. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const STATES = { connecting: "connecting", live: "live", lost: "not reached; trying again" };

function Accounts() {
  const { list } = useStore(calls);
  const { account } = useStore(chosen);
  const [owners, setOwners] = useState([]);
  // An account may have tasks and no call here. They are many to read: only when the choice is about to open.
  const read = () => get("tasks?limit=1000").then(({ tasks }) => setOwners(tasks.map((task) => task.account)), () => {});
  const names = useMemo(() => {
    const known = new Set([account, ...list.map((call) => call.account), ...owners]);
    return [...known].filter(Boolean).sort();
  }, [list, owners, account]);
  return html`<label class="account-choice">Account
    <select value=${account} onFocus=${read} onChange=${(event) => chosen.set({ account: event.target.value })}>
      <option value="" selected=${account === ""}>all accounts</option>
      ${names.map((name) => html`<option key=${name} value=${name} selected=${name === account}>${name}</option>`)}
    </select>
  </label>`;
}

function Head() {
  const { state } = useStore(link);
  const { value: info } = usePolled(() => get("info"), 3000, []);
  return html`<header class="top">
    <a class="brand" href="#calls"><img src="/_emulator/console/icon.svg" alt="" width="20" height="20" />sas-emulator</a>
    <span class=${`link-state ${state}`} role="status"><span class="dot" aria-hidden="true"></span>${STATES[state]}</span>
    ${info && html`<span class="about-session" title=${info.scenario.description}>scenario <a href="#scenario">${info.scenario.name}</a>, seed ${info.seed},
      version ${info.version}</span>`}
    <span class="grow"></span>
    <${Accounts} />
    <${ClockStrip} />
  </header>`;
}

function Navigation({ current }) {
  const { list } = useStore(calls);
  return html`<nav aria-label="Panels"><ul>
    ${PANELS.map(([name, title]) => html`<li key=${name}>
      <a href=${`#${name}`} aria-current=${name === current ? "page" : undefined}>${title}
        ${name === "calls" && list.length > 0 && html`<span class="number">${count(list.length)}</span>`}</a>
    </li>`)}
  </ul></nav>`;
}

function App() {
  const [[name, ...rest], setAddress] = useState(address());
  const { isAsked } = useStore(access);
  const [current, title, Shown] = PANELS.find(([known]) => known === name) ?? PANELS[0];
  useEffect(() => {
    const follow = () => {
      setAddress(address());
      // So that a keyboard and a screen reader go on at the new panel.
      requestAnimationFrame(() => document.querySelector("main h1")?.focus({ preventScroll: true }));
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.title = `${title} · sas-emulator`;
  }, [title]);
  const skip = (event) => {
    event.preventDefault();
    document.querySelector("main").focus();
  };
  if (isAsked) return html`<main id="main" tabindex="-1"><${TokenPanel} /></main>`;
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the panel</a>
    <${Head} />
    <${Navigation} current=${current} />
    <main id="main" tabindex="-1"><${Shown} rest=${rest} /></main>`;
}

render(html`<${App} />`, document.getElementById("app"));
keepListening();
