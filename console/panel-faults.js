// Panel: the fault rules that are armed, how often each fired, and a form that arms another.

import { change, get, useRead, withQuery } from "./api.js";
import { html, useState } from "./dom.js";
import { count } from "./format.js";
import { Badge, Command, Empty, Panel, Problem, Rows, Select, Text, Unseen } from "./parts.js";
import { Members, Value } from "./schema-form.js";
import { hintOf, resolve } from "./schema.js";
import { chosen, useCommand, usePolled, useStore } from "./store.js";

/** A part of a rule on one line. */
const brief = (part) => (part === undefined ? "every call" : JSON.stringify(part).replace(/^\{|\}$/g, "").replaceAll('"', "").replaceAll(",", ", "));

function Rule({ report, onDone }) {
  const { id, rule, hits, matched, remaining, exhausted, expired } = report;
  const state = expired ? "expired" : exhausted ? "used up" : "armed";
  return html`<tr>
    <td class="strong">${id}</td>
    <td class="mono wrap">${brief(rule.match)}</td>
    <td class="mono wrap">${rule.trigger ? brief(rule.trigger) : "each time"}</td>
    <td class="mono wrap">${brief(rule.effect)}</td>
    <td class="number"><strong>${count(hits)}</strong> of ${count(matched)}</td>
    <td><${Badge} tone=${state === "armed" ? "fault" : ""}>${state}</${Badge}>${remaining !== undefined && remaining !== null && !exhausted && html` <span class="muted">${count(remaining)} left</span>`}</td>
    <td><${Command} label=${`Remove fault ${id}`} then=${onDone} send=${() => change("DELETE", `faults/${encodeURIComponent(id)}`)}>Remove</${Command}></td>
  </tr>`;
}

function Arm({ onDone, account }) {
  const { value: root, error: unread } = useRead("schema.json");
  const [effect, setEffect] = useState("error");
  const [id, setId] = useState("");
  const [parts, setParts] = useState({});
  const [round, setRound] = useState(0);
  const [run, { isBusy, error }] = useCommand();
  if (!root) return html`<${Problem} error=${unread} />`;
  const { match, trigger, effect: effects } = resolve({ $ref: "#/$defs/Rule" }, root).properties;
  const kinds = resolve(effects, root).properties;
  const set = (name) => (value) => setParts((last) => ({ ...last, [name]: value }));
  const owned = account && !parts.match?.account ? { ...parts.match, account } : parts.match;
  const rule = { ...(id && { id }), ...(owned && { match: owned }), ...(parts.trigger && { trigger: parts.trigger }),
    effect: parts.effect === undefined ? {} : { [effect]: parts.effect } };
  const choose = (kind) => {
    setEffect(kind);
    set("effect")(undefined);
  };
  const submit = (event) => {
    event.preventDefault();
    run(async () => {
      await change("POST", "faults", rule);
      setParts({});
      setId("");
      setRound(round + 1);
      onDone();
    });
  };
  return html`<form class="form card" onSubmit=${submit} aria-label="Arm a fault" key=${round}>
    <div class="fields">
      <${Select} label="What goes wrong" value=${effect} onChange=${choose} options=${Object.keys(kinds)} hint=${hintOf(resolve(kinds[effect], root))} />
      <div class="effect-value"><${Value} key=${effect} label=${effect} schema=${{ ...kinds[effect], description: "" }} root=${root} onChange=${set("effect")} isRequired=${true} /></div>
    </div>
    <details><summary>For which calls (every call if left out)</summary>
      <${Members} schema=${resolve(match, root)} root=${root} onChange=${set("match")} /></details>
    <details><summary>How often (each time if left out)</summary>
      <${Members} schema=${resolve(trigger, root)} root=${root} onChange=${set("trigger")} /></details>
    <${Text} label="Its id" hint="What the log and the list of calls show; made up if left out." value=${id} onChange=${setId} />
    <p class="buttons"><button type="submit" class="primary" disabled=${isBusy}>Arm this fault</button>
      <code class="preview">${JSON.stringify(rule)}</code></p>
    <${Problem} error=${error} />
  </form>`;
}

export function FaultsPanel() {
  const { account } = useStore(chosen);
  const { value, error, refresh } = usePolled(() => get(withQuery("faults", { account })), 1000, [account]);
  const about = account ? `Counts are those of ${account}, and what is armed here is for its calls.` : "What goes wrong on purpose.";
  const rules = value?.faults ?? [];
  return html`<${Panel} title="Faults" about=${about}
    actions=${rules.length > 0 && html`<${Command} tone="danger" then=${refresh} send=${() => change("DELETE", withQuery("faults", { account }))}>Remove all</${Command}>`}>
    <${Problem} error=${error} />
    ${value && (rules.length === 0
      ? html`<${Empty}>No fault is armed: every call goes as it should.</${Empty}>`
      : html`<${Rows} label="Armed faults" columns=${["Id", "Calls", "How often", "Effect", "Fired", "State", html`<${Unseen}>Remove</${Unseen}>`]}>
        ${rules.map((report) => html`<${Rule} key=${report.id} report=${report} onDone=${refresh} />`)}</${Rows}>`)}
    <h2>Arm a fault</h2>
    <${Arm} onDone=${refresh} account=${account} />
  </${Panel}>`;
}
