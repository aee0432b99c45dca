// Small parts that all panels use: fields, badges, messages, buttons that send a command.

import { html, useId } from "./dom.js";
import { useCommand } from "./store.js";

/** A label and its control, which `control` makes with the given properties; `hint` stands below and describes it. */
export function Field({ label, hint, control, isWide }) {
  const id = useId();
  const described = hint ? `${id}-hint` : undefined;
  return html`<div class=${isWide ? "field wide" : "field"}>
    <label for=${id}>${label}</label>
    ${control({ id, "aria-describedby": described })}
    ${hint && html`<span class="hint" id=${described}>${hint}</span>`}
  </div>`;
}

export function Text({ label, hint, value, onChange, isWide, ...more }) {
  const control = (own) => html`<input type="text" autocomplete="off" spellcheck="false" value=${value}
    onInput=${(event) => onChange(event.target.value)} ...${more} ...${own} />`;
  return html`<${Field} label=${label} hint=${hint} isWide=${isWide} control=${control} />`;
}

/** `options` are values, or pairs of value and text. */
export function Select({ label, hint, value, onChange, options, isWide, ...more }) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const control = (own) => html`<select value=${value} onChange=${(event) => onChange(event.target.value)} ...${more} ...${own}>
    ${pairs.map(([option, text]) => html`<option key=${option} value=${option} selected=${option === value}>${text}</option>`)}
  </select>`;
  return html`<${Field} label=${label} hint=${hint} isWide=${isWide} control=${control} />`;
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

/** A table that scrolls. `columns` are what stands above them, or pairs of that and a class; `children` are the rows. */
export const Rows = ({ label, columns, children }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
  <table class="plain-rows">
    <thead><tr>${columns.map((column) => {
      const [title, className] = Array.isArray(column) ? column : [column];
      return html`<th scope="col" class=${className}>${title}</th>`;
    })}</tr></thead>
    <tbody>${children}</tbody>
  </table>
</div>`;

/** The title of a column of buttons, whose words say enough to those who see them. */
export const Unseen = ({ children }) => html`<span class="unseen">${children}</span>`;

/** A panel with its heading, what stands beside it, and its content. */
export function Panel({ title, about, actions, children, isFull }) {
  const id = useId();
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

/** A button that copies what `text` returns. */
export function Copy({ text, children }) {
  const [run, { done, error }] = useCommand();
  const copy = () =>
    run(async () => {
      await navigator.clipboard.writeText(text());
      return true;
    });
  return html`<button type="button" onClick=${copy}>${done ? "Copied" : error ? "Not copied" : children}</button>`;
}

/** A value as indented JSON. */
export const Json = ({ value, label }) =>
  html`<pre class="code" tabindex="0" role="region" aria-label=${label}>${typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>`;
