// What is copied from the page is safe to run, though a client that is not trusted chose the words.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

globalThis.location = new URL("http://127.0.0.1:1/");
const { asCall, asCurl, asPython } = await import("../../console/copy.js");

/** The words that a shell makes of what was copied, after the name of the program. */
const words = (copied) =>
  execFileSync("sh", ["-c", `shown() { for word; do printf "%s\\0" "$word"; done; }\n${copied.replace(/^(sas-emulator|curl) /m, "shown ")}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

const HOSTILE = { action: "x;touch${IFS}made;#", params: { "a'b": "$(id) `id`\n\"c\"", d: "*" }, account: "me & you" };

test("every word of a copied command is one word of the shell", () => {
  assert.deepEqual(words(asCall(HOSTILE)), [
    "call", "--endpoint", "http://127.0.0.1:1", "--access-key-id", "me & you", "x;touch${IFS}made;#", "a'b=$(id) `id`\n\"c\"", "d=*",
  ]);
});

test("no parameter is a flag", () => {
  assert.deepEqual(words(asCall({ action: "X", params: { "--endpoint": "http://elsewhere" } })), [
    "call", "--endpoint", "http://127.0.0.1:1", "--", "X", "--endpoint=http://elsewhere",
  ]);
});

test("every word of a copied curl line is one word of the shell", () => {
  const data = [
    "Action=x;touch${IFS}made;#", "Version=2018-12-03", "AccessKeyId=me & you", "Format=JSON", "a'b=$(id) `id`\n\"c\"", "d=*",
  ];
  assert.deepEqual(words(asCurl(HOSTILE)), ["-sG", "http://127.0.0.1:1/", ...data.flatMap((pair) => ["--data-urlencode", pair])]);
});

test("every word of a copied program is a text of Python", () => {
  const texts = `import ast, json, sys
print(json.dumps([node.value for node in ast.walk(ast.parse(sys.stdin.read())) if isinstance(node, ast.Constant)]))`;
  const found = JSON.parse(execFileSync("python3", ["-c", texts], { encoding: "utf8", input: asPython(HOSTILE) }));
  for (const text of [HOSTILE.action, HOSTILE.account, ...Object.entries(HOSTILE.params).flat()]) assert.ok(found.includes(text), text);
});
