// The call that is chosen: what was asked, what was answered, and the same call as a command or a program.

import { get } from "./api.js";
import { outcome, title } from "./calls.js";
import { asCall, asCurl, asPython } from "./copy.js";
import { html, useEffect, useLayoutEffect, useState } from "./dom.js";
import { clockTime, millis, taskTime } from "./format.js";
import { Badge, Copy, Json } from "./parts.js";

const SIGNATURE = "SignatureDoesNotMatch";

function Line({ name, children }) {
  if (children === null || children === undefined || children === "") return null;
  return html`<div><dt>${name}</dt><dd>${children}</dd></div>`;
}

function Mismatch({ call }) {
  if (call.code !== SIGNATURE) return null;
  return html`<h3>String to sign</h3>
    ${call.string_to_sign
      ? html`<p class="hint">What the emulator signed with the secret that it knows; secrets in it are masked. Compare it with that of the client.</p>
        <${Json} value=${call.string_to_sign} label="String to sign" />`
      : html`<p class="hint">The client has it: the Message of its answer ends in the string to sign. The journal leaves it out where it may hold a token.</p>`}`;
}

function answer(call) {
  const { status, broke, code, message, task, fidelity, done } = call;
  const shown = { status, code, message, task, fidelity, performed: done, broke };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null && value !== undefined));
}

export function CallDetails({ call, onClose }) {
  const [full, setFull] = useState(call);
  useEffect(() => {
    setFull(call);
    if (call.in_flight) get(`requests/${call.request_id}`).then(setFull, () => {});
  }, [call]);
  // At once, so that no key is lost.
  useLayoutEffect(() => {
    const leave = (event) => event.key === "Escape" && onClose();
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, []);
  const tone = outcome(full);
  return html`<section class="details" aria-label="Details of the call">
    <div class="details-head">
      <h2>${title(full)}</h2>
      <button type="button" onClick=${onClose} aria-label="Close the details">Close</button>
    </div>
    <p class="badges">
      <${Badge} tone=${tone}>${full.in_flight ? "in flight" : full.status ?? `connection ${full.broke}`}</${Badge}>
      ${full.code && html`<${Badge} tone=${tone}>${full.code}</${Badge}>`}
      ${full.fidelity && html`<${Badge} title="How far the answer can be trusted">${full.fidelity}</${Badge}>`}
      ${full.faults.map((fault) => html`<${Badge} tone="fault" title="A fault that fired">fault ${fault}</${Badge}>`)}
    </p>
    ${full.message && html`<p>${full.message}</p>`}
    ${full.hint && html`<p class="hint">${full.hint}</p>`}
    <dl class="facts">
      <${Line} name="Number">${full.sequence}</${Line}>
      <${Line} name="RequestId"><span class="mono">${full.request_id}</span></${Line}>
      <${Line} name="Arrived">${clockTime(full.time)}, task clock ${taskTime(full.task_time)} UTC</${Line}>
      <${Line} name="Took">${millis(full.elapsed_ms)}</${Line}>
      <${Line} name="Account">${full.account}</${Line}>
      <${Line} name="Signed">${[full.method, full.scheme].filter(Boolean).join(", ")}</${Line}>
      <${Line} name="Retry after">${full.retry_after_ms && millis(full.retry_after_ms)}</${Line}>
      <${Line} name="Escaped to">${full.escaped}</${Line}>
      <${Line} name="Client">${full.agent}</${Line}>
    </dl>
    <h3>Request</h3>
    <${Json} value=${full.params} label="Parameters of the request" />
    <h3>Answer</h3>
    <${Json} value=${answer(full)} label="What the journal keeps of the answer" />
    <${Mismatch} call=${full} />
    ${full.action && html`<h3>Call again</h3>
      <p class="buttons">
        <${Copy} text=${() => asCall(full)}>Copy as command</${Copy}>
        <${Copy} text=${() => asCurl(full)}>Copy as curl</${Copy}>
        <${Copy} text=${() => asPython(full)}>Copy as Python</${Copy}>
      </p>
      <p class="hint">The command signs with the secret <code>test</code> unless <code>SAS_EMULATOR_ACCESS_KEY_SECRET</code> says
        otherwise. The curl line carries no signature: it needs <code>--signature ignore</code>; <code>sas-emulator call --show-request</code> prints a
        signed one.</p>`}
  </section>`;
}
