// Small parts that all panels use: fields, badges, messages, buttons that send a command.

import { html, useId2 } from "./dom.js";
import { useCommand } from "./store.js";

/** A label and its control; `hint` stands below. */
export function Field({ label, hint, children, isWide }) {
  return html`<label class=${isWide ? "field wide" : "field"}>
    <span class="label">${label}</span>
    ${children}
    ${hint && html`<span class="hint">${hint}</span>`}
  </label>`;
}

export function Text({ label, hint, value, onChange, isWide, ...more }) {
  return html`<${Field} label=${label} hint=${hint} isWide=${isWide}>
    <input type="text" autocomplete="off" spellcheck="false" value=${value} onInput=${(event) => onChange(event.target.value)} ...${more} />
  </${Field}>`;
}

/** `options` are values, or pairs of value and text. */
export function Select({ label, hint, value, onChange, options, isWide, ...more }) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return html`<${Field} label=${label} hint=${hint} isWide=${isWide}>
    <select value=${value} onChange=${(event) => onChange(event.target.value)} ...${more}>
      ${pairs.map(([option, text]) => html`<option key=${option} value=${option} selected=${option === value}>${text}</option>`)}
    </select>
  </${Field}>`;
}

/** A word in a coloured frame; the colour only repeats what the word says. */
export const Badge = ({ tone, children, title }) => html`<span class=${`badge ${tone ?? ""}`} title=${title}>${children}</span>`;

/** What went wrong, and what to do. */
export function Problem({ error }) {
  if (!error) return null;
  return html`<div class="problem" role="alert">
    <p>${error.message}</p>
    ${error.hint && html`<p class="hint">${error.hint}</p>`}
  </div>`;
}

export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/** A panel with its heading, what stands beside it, and its content. */
export function Panel({ title, about, actions, children, isFull }) {
  const id = useId2();
  return html`<section class=${isFull ? "panel full" : "panel"} aria-labelledby=${id}>
    <div class="panel-head">
      <h1 id=${id} tabindex="-1">${title}</h1>
      ${about && html`<p class="about">${about}</p>`}
      ${actions && html`<div class="actions">${actions}</div>`}
    </div>
    ${children}
  </section>`;
}

/** A button that sends a command and shows what was wrong with it. */
export function Command({ send, then, children, tone, label, disabled }) {
  const [run, { isBusy, error }] = useCommand();
  const press = async () => (await run(send)) && then?.();
  return html`<span class="command">
    <button type="button" class=${tone} onClick=${press} disabled=${isBusy || disabled} aria-label=${label}>${children}</button>
    ${error && html`<span class="problem inline" role="alert">${error.message}</span>`}
  </span>`;
}

/** A button that copies a text. */
export function Copy({ text, children }) {
  const [run, { done, error }] = useCommand();
  const copy = () =>
    run(async () => {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      return true;
    });
  return html`<button type="button" onClick=${copy}>${done ? "Copied" : error ? "Not copied" : children}</button>`;
}

/** A value as indented JSON. */
export const Json = ({ value, label }) =>
  html`<pre class="code" tabindex="0" role="region" aria-label=${label}>${typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>`;
