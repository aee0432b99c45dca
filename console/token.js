// Asks for the control token, where the emulator demands one.

import { access, giveToken } from "./api.js";
import { html, useState } from "./dom.js";
import { Panel, Text } from "./parts.js";
import { useStore } from "./store.js";

export function TokenPanel() {
  const { wasRefused } = useStore(access);
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (token) giveToken(token);
  };
  return html`<div class="gate"><${Panel} title="Control token">
    <p>This emulator was started with <code>--control-token</code>. What it shows and does needs that token.</p>
    ${wasRefused && html`<div class="problem" role="alert"><p>The emulator refused this token.</p></div>`}
    <form onSubmit=${submit} class="form">
      <${Text} label="Token" type="password" hint="Kept in this tab until it is closed, and sent to this emulator only."
        value=${token} onChange=${setToken} required />
      <p class="buttons"><button type="submit" class="primary">Use the token</button></p>
    </form>
  </${Panel}></div>`;
}
