// A table that draws only the rows that can be seen, so that a thousand of them scroll smoothly.

import { html, useEffect, useHeight, useState } from "./dom.js";

const ROW = 28;
/** Rows beyond the edges, for the time until the next frame. */
const BEYOND = 8;

/** `columns` are `{ name, className, cell(row), opens }`; `rows` are newest last and shown newest first. */
export function Table({ label, columns, rows, keyOf, chosen, onChoose, toneOf, nameOf, empty }) {
  const [box, height] = useHeight();
  const [top, setTop] = useState(0);
  const count = rows.length;
  const first = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const end = Math.min(count, Math.ceil((top + height) / ROW) + BEYOND);
  const seen = [];
  for (let at = first; at < end; at += 1) seen.push([at, rows[count - 1 - at]]);

  // While somewhere else than at the top, what is being read stays in its place.
  const newest = count > 0 ? keyOf(rows[count - 1]) : 0;
  const [before, setBefore] = useState(newest);
  useEffect(() => {
    const element = box.current;
    if (element.scrollTop > ROW && newest > before) {
      const added = rows.filter((row) => keyOf(row) > before).length;
      element.scrollTop += added * ROW;
    }
    setBefore(newest);
  }, [newest]);

  const move = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || count === 0) return;
    event.preventDefault();
    const at = rows.findIndex((row) => keyOf(row) === chosen);
    const place = at < 0 ? 0 : Math.min(count - 1, Math.max(0, count - 1 - at + step));
    onChoose(keyOf(rows[count - 1 - place]));
    const element = box.current;
    const head = ROW;
    if (place * ROW < element.scrollTop) element.scrollTop = place * ROW;
    if ((place + 1) * ROW + head > element.scrollTop + height) element.scrollTop = (place + 1) * ROW + head - height;
  };

  return html`<div class="table-box" ref=${box} tabindex="0" role="region" aria-label=${label} onKeyDown=${move}
      onScroll=${(event) => setTop(event.currentTarget.scrollTop)}>
    <table class="rows" aria-rowcount=${count + 1}>
      <thead>
        <tr aria-rowindex="1">${columns.map(({ name, className }) => html`<th scope="col" class=${className}>${name}</th>`)}</tr>
      </thead>
      <tbody>
        <tr class="space" aria-hidden="true" style=${{ height: `${first * ROW}px` }}></tr>
        ${seen.map(([at, row]) => {
          const key = keyOf(row);
          return html`<tr key=${key} aria-rowindex=${at + 2} class=${`${toneOf(row)}${key === chosen ? " chosen" : ""}`}
              onClick=${() => onChoose(key)}>
            ${columns.map(({ className, cell, opens }) => html`<td class=${className}>
              ${opens
                ? html`<button type="button" class="link" aria-label=${nameOf(row)} aria-pressed=${key === chosen}
                    onClick=${(event) => (event.stopPropagation(), onChoose(key))}>${cell(row)}</button>`
                : cell(row)}</td>`)}
          </tr>`;
        })}
        <tr class="space" aria-hidden="true" style=${{ height: `${(count - end) * ROW}px` }}></tr>
      </tbody>
    </table>
    ${count === 0 && empty}
  </div>`;
}
