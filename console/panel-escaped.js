// Panel: calls to other hosts, which were refused and not forwarded.

import { get, withQuery } from "./api.js";
import { html } from "./dom.js";
import { clockTime, counted } from "./format.js";
import { Empty, Panel, Problem, Rows } from "./parts.js";
import { chosen, usePolled, useStore } from "./store.js";

export function EscapedPanel() {
  const { account } = useStore(chosen);
  const { value, error } = usePolled(() => get(withQuery("requests", { escaped: true, limit: 200, account })), 2000, [account]);
  const about = "Calls that a program sent to a host which this emulator does not serve. Each was refused; nothing is forwarded.";
  return html`<${Panel} title="Escaped calls" about=${about}>
    <${Problem} error=${error} />
    ${value && (value.total === 0
      ? html`<${Empty}>No call escaped. Programs that use this emulator as their proxy (sas-emulator run --intercept) would show here.</${Empty}>`
      : html`<p role="status">${counted(value.total, "call")} escaped.</p>
        <${Rows} label="Escaped calls, newest first" columns=${["Time", "Host", "Method", "Account", "Client"]}>
        ${value.requests.map((call) => html`<tr key=${call.sequence}>
          <td class="mono">${clockTime(call.time)}</td><td class="mono strong">${call.escaped}</td><td>${call.method}</td>
          <td>${call.account}</td><td class="muted">${call.agent}</td></tr>`)}</${Rows}>`)}
  </${Panel}>`;
}
