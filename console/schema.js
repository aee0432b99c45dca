// What a JSON Schema says of a value, as a form needs it.

/** Follows references; what stands beside one wins, as its description does. */
export function resolve(schema, root) {
  let found = schema;
  while (found.$ref) {
    const { $ref, ...beside } = found;
    found = { ...root.$defs[$ref.split("/").pop()], ...beside };
  }
  return found;
}

/** The first line of a description, without its marks. */
export const hintOf = (schema) => schema.description?.split("\n")[0].replaceAll("`", "") ?? "";

const variants = (schema) => schema.oneOf ?? schema.anyOf ?? [];

/** All words that a value may be, or nothing if it may be anything else than a word. */
function words(schema, root) {
  if (schema.enum) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  const each = variants(schema).map((variant) => words(resolve(variant, root), root));
  return each.length > 0 && each.every(Boolean) ? each.flat() : null;
}

const isScalar = (schema, root) =>
  ["string", "integer", "number", "boolean"].includes(schema.type) ||
  Boolean(words(schema, root)) ||
  (variants(schema).length > 0 && variants(schema).every((variant) => isScalar(resolve(variant, root), root)));

/**
 * How a value is asked for: `choice` (one of `words`), `text` (with `words` as proposals), `number`, `pairs`, `members`,
 * `variants` or `json`.
 */
export function kindOf(schema, root) {
  const all = words(schema, root);
  if (all) return { kind: "choice", words: all };
  if (schema.type === "integer" || schema.type === "number") return { kind: "number" };
  if (schema.properties) return { kind: "members" };
  if (schema.additionalProperties || schema.patternProperties) return { kind: "pairs" };
  if (schema.type === "array" && isScalar(resolve(schema.items, root), root)) return { kind: "text", isList: true };
  if (isScalar(schema, root)) return { kind: "text", words: proposals(schema, root) };
  const each = variants(schema).map((variant) => resolve(variant, root));
  if (each.length > 0) {
    // A list of what one value may be: separated by commas in one field.
    const single = each.find((variant) => isScalar(variant, root) || variant.anyOf);
    const list = each.find((variant) => variant.type === "array");
    if (each.length === 2 && single && list) return { kind: "text", words: proposals(single, root), isList: true };
    return { kind: "variants", variants: flat(schema, root).map((variant) => ({ schema: variant, title: titleOf(variant, root) })) };
  }
  return { kind: "json" };
}

/** The variants of variants, each once. */
function flat(schema, root) {
  return variants(schema).flatMap((given) => {
    const variant = resolve(given, root);
    return variants(variant).length > 0 && !isScalar(variant, root) ? flat(variant, root) : [variant];
  });
}

function proposals(schema, root) {
  return variants(schema).flatMap((variant) => words(resolve(variant, root), root) ?? []);
}

function titleOf(schema, root) {
  const all = words(schema, root);
  if (all) return all.length > 3 ? "one of a list" : all.join(", ");
  if (schema.properties) return Object.keys(schema.properties).join(", ");
  return schema.title ?? schema.description?.replace(/\.$/, "") ?? (schema.type === "string" ? `for example ${example(schema, root)}` : schema.type ?? "other");
}

/** An example for an empty field. */
export function example(schema, root) {
  const found = schema.examples?.[0] ?? variants(schema).map((variant) => example(resolve(variant, root), root)).find(Boolean);
  return found === undefined ? "" : typeof found === "object" ? JSON.stringify(found) : String(found);
}

/** What was typed, as the value that the schema asks for: a number where one is allowed. */
export function typed(text, schema, root) {
  const trimmed = text.trim();
  const allows = (type, of) => of.type === type || variants(of).some((variant) => allows(type, resolve(variant, root)));
  if (/^-?\d+(\.\d+)?$/.test(trimmed) && (allows("integer", schema) || allows("number", schema))) return Number(trimmed);
  return trimmed;
}
