// Panel: the commands that changed something, from all clients.

import { get, withQuery } from "./api.js";
import { html } from "./dom.js";
import { clockTime, taskTime } from "./format.js";
import { Empty, Panel, Problem, Rows } from "./parts.js";
import { chosen, usePolled, useStore } from "./store.js";
import { link } from "./stream.js";

export function CommandsPanel() {
  const { account } = useStore(chosen);
  const { commands } = useStore(link);
  const { value, error } = usePolled(() => get(withQuery("commands", { account, limit: 200 })), 2000, [account, commands]);
  const list = value?.commands ?? [];
  return html`<${Panel} title="Commands" about="Each command that changed something, from this page, the command line or a test, newest first.">
    <${Problem} error=${error} />
    ${value && (list.length === 0
      ? html`<${Empty}>No command yet. Pause the clock above to see one.</${Empty}>`
      : html`<${Rows} label="Commands, newest first" columns=${["Time", "Command", "Outcome", "Account", "Task clock (UTC)", "By"]}>
        ${list.map((one) => html`<tr key=${one.sequence}>
          <td class="mono">${clockTime(one.time)}</td><td class="mono strong">${one.command}</td><td>${one.outcome}</td>
          <td>${one.account}</td><td class="mono">${taskTime(one.task_time)}</td><td class="mono muted">${one.by}</td></tr>`)}</${Rows}>`)}
  </${Panel}>`;
}
