// Panel: the calls as they happen, with a filter, and the one that is chosen.

import { CallDetails } from "./call-details.js";
import { RESULTS, calls, forgetCalls, hold, outcome, select, title } from "./calls.js";
import { html, useEffect, useMemo, useRef, useState } from "./dom.js";
import { clockTime, count, counted, millis, params } from "./format.js";
import { Empty, Panel, Select, Text } from "./parts.js";
import { chosen, useStore } from "./store.js";
import { Table } from "./table.js";

const WORDS = { ok: "ok", warn: "refused", bad: "failed", wait: "in flight" };

function result(call) {
  if (call.in_flight) return "in flight";
  const word = call.status === null ? `connection ${call.broke ?? "broken"}` : String(call.status);
  const task = call.task?.status ? `${call.task.status} ${call.task.progress ?? ""}${call.task.progress === undefined ? "" : "%"}` : "";
  return [word, call.code, task].filter(Boolean).join(" ");
}

const COLUMNS = [
  { name: "Time", className: "mono time", cell: (call) => clockTime(call.time) },
  { name: "Result", className: "mono result", cell: (call) => html`<span class=${`dot ${outcome(call)}`} aria-hidden="true"></span>${result(call)}` },
  { name: "Operation", className: "name", cell: title, opens: true },
  { name: "Parameters", className: "mono params", cell: (call) => params(call.params) },
  { name: "Account", className: "mono account", cell: (call) => call.account ?? "" },
  { name: "Took", className: "mono took", cell: (call) => millis(call.elapsed_ms) },
];

/** Says now and then how many calls there are, for those who do not see the table. */
function Summary({ shown, total, missed }) {
  const failed = shown.filter((call) => ["warn", "bad"].includes(outcome(call))).length;
  const text = `${counted(shown.length, "call")}${shown.length === total ? "" : ` of ${count(total)}`}, ${count(failed)} failed`;
  const [said, setSaid] = useState(text);
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), 5000);
    return () => clearInterval(timer);
  }, []);
  return html`<p class="summary">
    <span>${text}${missed > 0 ? `; ${counted(missed, "more call")} came too fast to be shown` : ""}</span>
    <span class="unseen" aria-live="polite">${said}</span>
  </p>`;
}

export function CallsPanel() {
  const { list, missed, isHeld, held } = useStore(calls);
  const { account } = useStore(chosen);
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState(null);
  const shown = useMemo(() => select(list, { text, account, result: wanted }), [list, text, account, wanted]);
  const call = open === null ? undefined : list.find((call) => call.sequence === open);

  const close = () => {
    setOpen(null);
    document.querySelector(".table-box")?.focus();
  };

  return html`<${Panel} title="Calls" isFull=${true}
    actions=${html`
      <button type="button" aria-pressed=${isHeld} onClick=${() => hold(!isHeld)}>${isHeld ? `Show again${held > 0 ? ` (${count(held)} new)` : ""}` : "Hold the list"}</button>
      <button type="button" onClick=${forgetCalls}>Clear</button>`}>
    <div class="filters" role="search" aria-label="Filter of calls">
      <${Text} label="Filter" placeholder="operation, parameter, code, id" value=${text} onChange=${setText} type="search" />
      <${Select} label="Result" value=${wanted} onChange=${setWanted} options=${RESULTS} />
      <${Summary} shown=${shown} total=${list.length} missed=${missed} />
    </div>
    <div class=${call ? "split open" : "split"}>
      <${Table} label="Calls, newest first" columns=${COLUMNS} rows=${shown} keyOf=${(call) => call.sequence} chosen=${open}
        onChoose=${setOpen} toneOf=${outcome}
        nameOf=${(call) => `${title(call)}, ${WORDS[outcome(call)]}: details`}
        empty=${html`<${Empty}>${list.length === 0 ? "No call yet. They appear here as they come; the last 1,000 are kept." : "No call matches the filter."}</${Empty}>`} />
      ${call && html`<${CallDetails} key=${call.sequence} call=${call} onClose=${close} />`}
    </div>
  </${Panel}>`;
}
