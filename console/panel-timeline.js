// Panel: the timeline, drawn by the emulator: a lane per account with its calls, tasks, faults and commands.

import { send, withQuery } from "./api.js";
import { calls } from "./calls.js";
import { moved } from "./clock-strip.js";
import { html, useEffect, useRef, useState } from "./dom.js";
import { Panel, Problem } from "./parts.js";
import { chosen, usePolled, useStore } from "./store.js";

/** Not read again sooner: the emulator draws it anew each time. */
const PAUSE = 1000;

const picture = async (account) => (await send("GET", withQuery("report", { format: "svg", style: "none", account }))).text();

export function TimelinePanel() {
  const { account } = useStore(chosen);
  const { times } = useStore(moved);
  const { list } = useStore(calls);
  const [isHeld, setIsHeld] = useState(false);
  const box = useRef(null);
  const drawn = useRef("");
  const { value: text, error } = usePolled(() => (isHeld ? Promise.resolve(drawn.current) : picture(account)), PAUSE, [account, times, isHeld]);
  useEffect(() => {
    if (!text || text === drawn.current) return;
    drawn.current = text;
    // Parsed as a document of its own, so that nothing in it runs, and its root is taken over.
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    if (parsed.localName !== "svg") return;
    const element = document.importNode(parsed, true);
    const { scrollLeft, scrollTop } = box.current;
    box.current.replaceChildren(element);
    Object.assign(box.current, { scrollLeft, scrollTop });
  }, [text]);
  return html`<${Panel} title="Timeline" isFull=${true}
    about="A lane for each account: its calls by result, its tasks from their start to their end, faults and commands as marks."
    actions=${html`<button type="button" aria-pressed=${isHeld} onClick=${() => setIsHeld(!isHeld)}>${isHeld ? "Follow again" : "Hold the picture"}</button>`}>
    <${Problem} error=${error} />
    ${list.length === 0 && html`<p class="hint">No call yet; the picture grows as they come.</p>`}
    <div class="timeline scroll" tabindex="0" role="region" aria-label="Timeline" ref=${box}></div>
  </${Panel}>`;
}
