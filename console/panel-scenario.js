// Panel: the scenario that is loaded, and an editor that loads another, with its mistakes in place.

import { change, get, useRead } from "./api.js";
import { moved, noteMoved, reset } from "./clock-strip.js";
import { html, useEffect, useRef, useState } from "./dom.js";
import { Command, Field, Json, Panel, Problem, Select } from "./parts.js";
import { useCommand, usePolled, useStore } from "./store.js";

/** `body:3:5: what is wrong` as its place and what is wrong. */
function placeOf(error) {
  const found = /^body:(\d+):(\d+): ([^]*)$/.exec(error?.message ?? "");
  return found && { line: Number(found[1]), column: Number(found[2]), message: found[3] };
}

/** The line with the mistake, its neighbours, and a mark below the place. */
function Mistake({ error, text, onGo }) {
  const place = placeOf(error);
  if (!place) return html`<${Problem} error=${error} />`;
  const lines = text.split("\n");
  const first = Math.max(1, place.line - 1);
  const near = lines.slice(first - 1, place.line + 1).map((line, at) => [first + at, line]);
  const numbered = (number, line) => `${String(number).padStart(4)} | ${line}`;
  const mark = `     | ${" ".repeat(place.column - 1)}^`;
  return html`<div class="problem" role="alert">
    <p><strong>Line ${place.line}, column ${place.column}:</strong> ${place.message}</p>
    <pre class="code">${near.map(([number, line]) => html`<span class=${number === place.line ? "wrong" : ""}>${numbered(number, line)}</span>
      ${number === place.line && html`<span class="wrong">${mark}</span>`}`)}</pre>
    <p class="buttons"><button type="button" onClick=${() => onGo(place)}>Go to line ${place.line}</button></p>
    ${error.hint && html`<p class="hint">${error.hint}</p>`}
  </div>`;
}

function Editor({ scenarios, initial, onLoaded }) {
  const [text, setText] = useState(initial);
  const [name, setName] = useState("");
  const [run, { isBusy, error, done }] = useCommand();
  const [failed, setFailed] = useState("");
  const field = useRef(null);
  const gutter = useRef(null);
  const take = (chosen) => {
    setName(chosen);
    const found = scenarios.find((one) => one.name === chosen);
    if (found) setText(found.text);
  };
  const load = async (event) => {
    event.preventDefault();
    setFailed(text);
    await run(async () => {
      const loaded = await change("PUT", "scenario", text, "application/yaml");
      noteMoved();
      onLoaded();
      return loaded.name;
    });
  };
  const go = ({ line, column }) => {
    const start = text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1;
    field.current.focus();
    field.current.setSelectionRange(start, start + 1);
  };
  const place = error && failed === text && placeOf(error);
  useEffect(() => {
    if (place) field.current.scrollTop = Math.max(0, (place.line - 4) * 20);
  }, [error]);
  const about = scenarios.find((one) => one.name === name)?.description;
  return html`<form class="form" onSubmit=${load} aria-label="Load a scenario">
    <${Select} label="Begin with" hint=${about} value=${name} onChange=${take} options=${[["", "the text below"], ...scenarios.map((one) => one.name)]} />
    <div class="editor">
      <pre class="gutter" aria-hidden="true" ref=${gutter}>${text.split("\n").map((_, at) => html`<span class=${place?.line === at + 1 ? "wrong" : ""}>${at + 1}</span>`)}</pre>
      <${Field} label="Scenario, YAML or JSON" isWide=${true} control=${(own) => html`<textarea ref=${field} rows="14" spellcheck="false" wrap="off"
        value=${text} aria-invalid=${place ? "true" : undefined} onInput=${(event) => setText(event.target.value)}
        onScroll=${(event) => (gutter.current.scrollTop = event.currentTarget.scrollTop)} ...${own}></textarea>`} />
    </div>
    <${Mistake} error=${error} text=${failed} onGo=${go} />
    ${done && html`<p class="good" role="status">Loaded ${done}: a new session has begun.</p>`}
    <p class="buttons"><button type="submit" class="primary" disabled=${isBusy}>Load</button>
      <span class="hint">Loading begins a new session: tasks, clocks and the journal start again.</span></p>
  </form>`;
}

export function ScenarioPanel() {
  const { times } = useStore(moved);
  const { value: loaded, error, refresh } = usePolled(() => get("scenario"), 5000, [times]);
  const { value: known } = useRead("scenarios");
  return html`<${Panel} title="Scenario" about=${loaded && `${loaded.name}: ${loaded.description || "no description"}`}>
    <${Problem} error=${error} />
    ${known && loaded && html`<${Editor} scenarios=${known.scenarios} onLoaded=${refresh}
      initial=${known.scenarios.find((one) => one.name === loaded.name)?.text ?? "version: 1\nname: mine\n"} />`}
    ${loaded && html`<details><summary>What is loaded</summary>
      <p>Seed ${loaded.seed}. Secrets are masked.</p>
      ${loaded.documents.map((one) => html`<h3>${one.source}</h3><${Json} value=${one.document} label=${`Document ${one.source}`} />`)}
      <p class="buttons"><${Command} send=${() => reset()}>Reset to the start of this scenario</${Command}></p></details>`}
  </${Panel}>`;
}
