// A form made from a JSON Schema: each member a field, and the value that was filled in.

import { html, useId, useState } from "./dom.js";
import { Field, Select } from "./parts.js";
import { example, hintOf, kindOf, resolve, typed } from "./schema.js";

function TextField({ label, schema, root, info, onChange, isRequired }) {
  const [text, setText] = useState("");
  const id = useId();
  const read = (event) => {
    const given = event.target.value;
    setText(given);
    const parts = info.isList ? given.split(",").map((part) => part.trim()).filter(Boolean) : [given];
    const values = parts.filter((part) => part !== "").map((part) => typed(part, schema, root));
    onChange(values.length === 0 ? undefined : values.length === 1 ? values[0] : values);
  };
  const hasWords = info.words?.length > 0;
  const control = (own) => html`<input type="text" autocomplete="off" spellcheck="false" value=${text} onInput=${read}
      placeholder=${example(schema, root)} list=${hasWords ? id : undefined} required=${isRequired} ...${own} />
    ${hasWords && html`<datalist id=${id}>${info.words.map((word) => html`<option key=${word} value=${word}></option>`)}</datalist>`}`;
  return html`<${Field} label=${label} hint=${hintOf(schema)} control=${control} />`;
}

function NumberField({ label, schema, onChange, isRequired }) {
  const step = schema.type === "integer" ? "1" : "any";
  const control = (own) => html`<input type="number" min=${schema.minimum ?? schema.exclusiveMinimum} max=${schema.maximum} step=${step}
    required=${isRequired} onInput=${(event) => onChange(event.target.value === "" ? undefined : Number(event.target.value))} ...${own} />`;
  return html`<${Field} label=${label} hint=${hintOf(schema)} control=${control} />`;
}

/** `NAME=VALUE`, one a line. */
function PairsField({ label, schema, onChange }) {
  const read = (event) => {
    const lines = event.target.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const pairs = lines.map((line) => [line.split("=")[0].trim(), line.split("=").slice(1).join("=").trim()]);
    onChange(pairs.length > 0 ? Object.fromEntries(pairs) : undefined);
  };
  const control = (own) => html`<textarea rows="2" spellcheck="false" placeholder="NAME=VALUE, one a line" onInput=${read} ...${own}></textarea>`;
  return html`<${Field} label=${label} hint=${hintOf(schema)} control=${control} />`;
}

function JsonField({ label, schema, root, onChange, isRequired }) {
  const read = (event) => {
    const text = event.target.value.trim();
    let problem = "";
    try {
      onChange(text === "" ? undefined : JSON.parse(text));
    } catch (error) {
      problem = error.message;
    }
    event.target.setCustomValidity(problem);
  };
  const control = (own) => html`<textarea rows="3" spellcheck="false" placeholder=${example(schema, root)} onInput=${read}
    required=${isRequired} ...${own}></textarea>`;
  return html`<${Field} label=${label} hint=${hintOf(schema)} isWide=${true} control=${control} />`;
}

function Variants({ label, schema, root, info, onChange }) {
  const [at, setAt] = useState("0");
  const variant = info.variants[Number(at)];
  const choose = (place) => {
    setAt(place);
    onChange(undefined);
  };
  return html`<div class="variants">
    <${Select} label=${`${label}, given as`} hint=${hintOf(schema)} value=${at} onChange=${choose} options=${info.variants.map(({ title }, place) => [String(place), title])} />
    <${Value} key=${at} label=${label} schema=${{ ...variant.schema, description: variant.schema.description ?? "" }} root=${root} onChange=${onChange} isRequired=${true} />
  </div>`;
}

/** A field, or several, for one value; `onChange` gets the value, or `undefined` while it is empty. */
export function Value({ label, schema: given, root, onChange, isRequired }) {
  const schema = resolve(given, root);
  const info = kindOf(schema, root);
  const same = { label, schema, root, info, onChange, isRequired };
  switch (info.kind) {
    case "choice":
      return html`<${Choice} ...${same} />`;
    case "text":
      return html`<${TextField} ...${same} />`;
    case "number":
      return html`<${NumberField} ...${same} />`;
    case "pairs":
      return html`<${PairsField} ...${same} />`;
    case "members":
      return html`<fieldset class="members"><legend>${label}</legend><${Members} schema=${schema} root=${root} onChange=${onChange} /></fieldset>`;
    case "variants":
      return html`<${Variants} ...${same} />`;
    default:
      return html`<${JsonField} ...${same} />`;
  }
}

function Choice({ label, schema, info, onChange, isRequired }) {
  const [value, setValue] = useState("");
  const options = [["", isRequired ? "choose" : "any"], ...info.words.map((word) => [String(word), String(word)])];
  const choose = (word) => {
    setValue(word);
    onChange(info.words.find((known) => String(known) === word));
  };
  return html`<${Select} label=${label} hint=${hintOf(schema)} value=${value} onChange=${choose} options=${options} required=${isRequired} />`;
}

/** The members of an object, each with its field. */
export function Members({ schema, root, onChange }) {
  const [value] = useState({});
  const set = (name) => (given) => {
    if (given === undefined) delete value[name];
    else value[name] = given;
    onChange(Object.keys(value).length > 0 ? { ...value } : undefined);
  };
  return html`<div class="fields">${Object.entries(schema.properties).map(([name, member]) => html`<${Value} key=${name} label=${name} schema=${member} root=${root}
    onChange=${set(name)} isRequired=${schema.required?.includes(name)} />`)}</div>`;
}
