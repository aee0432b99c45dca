// Panel: the operations with their fidelity, and a form that calls one.

import { useRead } from "./api.js";
import { statusTone } from "./calls.js";
import { asCall } from "./copy.js";
import { html, useEffect, useMemo, useState } from "./dom.js";
import { counted, millis, wordsOf } from "./format.js";
import { Badge, Copy, Empty, Json, Panel, Problem, Select, Text } from "./parts.js";
import { call, canSign } from "./sign.js";
import { chosen, useCommand, useStore } from "./store.js";

const SHOWN = 200;

function Params({ params, values, onChange }) {
  return html`<div class="fields">${params.map((param) => {
    const { name, kind, required, ignored, refused, words } = param;
    const indexed = kind === "list" ? `${name}.1` : name;
    const hint = [required ? "required" : "", kind === "text" ? "" : kind, words?.length ? `for example ${words.slice(0, 4).join(", ")}` : "",
      ignored ? `ignored: ${ignored}` : "", refused ? `refused: ${refused}` : ""].filter(Boolean).join("; ");
    return html`<${Text} key=${name} label=${indexed} hint=${hint} value=${values[indexed] ?? ""} required=${required}
      onChange=${(value) => onChange({ ...values, [indexed]: value })} />`;
  })}</div>`;
}

function Answer({ answer }) {
  if (!answer) return null;
  const { status, took, headers, body } = answer;
  return html`<section aria-label="Answer">
    <h3>Answer</h3>
    <p role="status"><${Badge} tone=${statusTone(status)}>${status}</${Badge}> ${millis(took)}
      ${headers["x-emulator-hint"] && html`<span class="hint"> ${headers["x-emulator-hint"]}</span>`}</p>
    <${Json} value=${body} label="Body of the answer" />
  </section>`;
}

function Operation({ name }) {
  const { account } = useStore(chosen);
  const { value: operation, error: unread } = useRead(`operations/${encodeURIComponent(name)}`);
  const [values, setValues] = useState({});
  const [key, setKey] = useState(account || "test");
  const [secret, setSecret] = useState("test");
  const [run, { isBusy, error, done }] = useCommand();
  useEffect(() => setKey(account || "test"), [account]);
  if (!operation) return html`<section class="details" aria-label="Operation"><${Problem} error=${unread} /></section>`;
  const params = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const submit = (event) => {
    event.preventDefault();
    run(() => call({ action: name, version: operation.version, params, key, secret }));
  };
  const read = operation.params.filter((param) => !param.ignored && !param.refused);
  const rest = operation.params.filter((param) => param.ignored || param.refused);
  return html`<section class="details" aria-label=${`Operation ${name}`}>
    <div class="details-head"><h2>${name}</h2><${Badge} tone=${operation.fidelity === "modelled" ? "ok" : ""}>${operation.fidelity}</${Badge}></div>
    ${operation.summary && html`<p>${operation.summary}</p>`}
    <p class="hint">${operation.product} ${operation.version}${operation.ram_action ? `, RAM action ${operation.ram_action}` : ""}.
      ${operation.fidelity === "shape" ? " Not modelled: refused with OperationNotModelled, or answered from its documented shape with --unmodelled shape." : ` ${operation.evidence ?? ""}`}</p>
    <form class="form" onSubmit=${submit} aria-label=${`Call ${name}`}>
      <${Params} params=${read} values=${values} onChange=${setValues} />
      ${rest.length > 0 && html`<details><summary>Parameters that change nothing or are refused (${rest.length})</summary>
        <${Params} params=${rest} values=${values} onChange=${setValues} /></details>`}
      <div class="fields">
        <${Text} label="AccessKeyId" value=${key} onChange=${setKey} required />
        <${Text} label="Secret" value=${secret} onChange=${setSecret} required />
      </div>
      <p class="buttons">
        <button type="submit" class="primary" disabled=${isBusy || !canSign()}>Call</button>
        <${Copy} text=${() => asCall({ action: name, params, account: key })}>Copy as command</${Copy}>
      </p>
      ${!canSign() && html`<p class="problem">This page cannot sign: browsers do that only over https and on this machine. Open it as
        http://127.0.0.1 or http://localhost, or copy the call as a command.</p>`}
      ${error && html`<p class="problem" role="alert">The connection broke, or the call could not be sent: ${error.message}</p>`}
    </form>
    <${Answer} answer=${done} />
  </section>`;
}

export function OperationsPanel({ rest: [open] }) {
  const { value, error } = useRead("operations");
  const [text, setText] = useState("");
  const [fidelity, setFidelity] = useState("modelled");
  const found = useMemo(() => {
    const words = wordsOf(text);
    return (value?.operations ?? []).filter((one) => (!fidelity || one.fidelity === fidelity)
      && words.every((word) => `${one.name} ${one.summary ?? ""}`.toLowerCase().includes(word)));
  }, [value, text, fidelity]);
  return html`<${Panel} title="Operations" isFull=${true} about=${value && counted(value.operations.length, "operation")}>
    <div class="filters" role="search" aria-label="Filter of operations">
      <${Text} label="Filter" type="search" value=${text} onChange=${setText} placeholder="name or summary" />
      <${Select} label="Fidelity" value=${fidelity} onChange=${setFidelity} options=${[["modelled", "modelled"], ["shape", "shape only"], ["", "all"]]} />
      <p class="summary" role="status">${counted(found.length, "operation")}${found.length > SHOWN ? `, the first ${SHOWN} are shown` : ""}</p>
    </div>
    <${Problem} error=${error} />
    <div class=${open ? "split open form-side" : "split"}>
      <div class="scroll" tabindex="0" role="region" aria-label="Operations">
        ${value && found.length === 0 ? html`<${Empty}>No operation matches the filter.</${Empty}>` : html`<ul class="operations">
        ${found.slice(0, SHOWN).map((one) => html`<li key=${one.name}>
          <a href=${`#operations/${one.name}`} aria-current=${one.name === open ? "true" : undefined}>
            <span class="strong">${one.name}</span>
            ${one.fidelity !== "modelled" && html`<${Badge}>${one.fidelity}</${Badge}>`}
            ${one.summary && html`<span class="muted">${one.summary}</span>`}</a></li>`)}</ul>`}
      </div>
      ${open && html`<${Operation} key=${open} name=${open} />`}
    </div>
  </${Panel}>`;
}
