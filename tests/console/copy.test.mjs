// What is copied from the page is safe to paste into a shell: a client that is not trusted chose the words.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

globalThis.location = new URL("http://127.0.0.1:1/");
const { asCall } = await import("../../console/copy.js");

/** The words that a shell makes of a copied command, after its name. */
const words = (call) =>
  execFileSync("sh", ["-c", `shown() { for word; do printf "%s\\0" "$word"; done; }\n${asCall(call).replace("sas-emulator", "shown")}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

test("every word of a copied command is one word of the shell", () => {
  const call = { action: "x;touch${IFS}made;#", params: { "a'b": "$(id) `id`\n\"c\"", d: "*" }, account: "me & you" };
  assert.deepEqual(words(call), [
    "call", "--endpoint", "http://127.0.0.1:1", "--access-key-id", "me & you", "x;touch${IFS}made;#", "a'b=$(id) `id`\n\"c\"", "d=*",
  ]);
});

test("no parameter is a flag", () => {
  assert.deepEqual(words({ action: "X", params: { "--endpoint": "http://elsewhere" } }), [
    "call", "--endpoint", "http://127.0.0.1:1", "--", "X", "--endpoint=http://elsewhere",
  ]);
});
