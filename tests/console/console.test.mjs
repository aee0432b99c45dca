// The console as a person uses it, with a mouse or with a keyboard alone.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { barriers, call, control, launch, open, picture, serve } from "./stage.mjs";

let browser;
let emulator;
const pages = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
afterEach(async () => {
  for (const page of pages.splice(0)) {
    assert.deepEqual(page.problems, [], "the page has errors");
    await page.context().close();
  }
  await emulator?.stop();
  emulator = undefined;
});

async function start(panel, { options = [], ...more } = {}) {
  emulator ??= await serve(...options);
  const page = await open(browser, emulator.url, panel, more);
  pages.push(page);
  return page;
}

const scan = (...words) => call(emulator.url, "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN", "TaskName=IMAGE_SCAN", ...words);

test("pause, start a scan, advance, and see it end", async () => {
  const page = await start("tasks");
  await page.getByRole("button", { name: "Pause the clock" }).click();
  await page.getByRole("button", { name: "Resume the clock" }).waitFor();
  await page.getByRole("form", { name: "Start a task" }).getByRole("button", { name: "Start" }).click();
  const row = page.getByRole("row", { name: /IMAGE_SCAN/ });
  await row.getByText("INIT", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Advance the clock by 1h" }).click();
  await row.getByText("SUCCESS", { exact: true }).waitFor();
  assert.equal(await row.getByRole("progressbar").getAttribute("value"), "100");
});

test("a task is forced to fail", async () => {
  const page = await start("tasks", { options: ["--scenario", "stuck"] });
  scan();
  await page.getByRole("button", { name: "fail IMAGE_SCAN of test" }).click();
  await page.getByRole("row", { name: /IMAGE_SCAN/ }).getByText("FAIL", { exact: true }).waitFor();
});

test("a fault is armed, and the failure of a client is seen", async () => {
  const page = await start("faults");
  await page.getByLabel("What goes wrong").selectOption("connection");
  await page.getByLabel("connection", { exact: true }).selectOption("reset");
  await page.getByText("For which calls").click();
  await page.getByLabel("action", { exact: true }).fill("GetLastOnceTaskInfo");
  await page.getByText("How often", { exact: false }).first().click();
  await page.getByLabel("times").fill("1");
  await page.getByLabel("Its id").fill("cut");
  await page.getByRole("button", { name: "Arm this fault" }).click();
  const rule = page.getByRole("row", { name: /cut/ });
  await rule.getByText("armed").waitFor();
  assert.deepEqual((await control(emulator.url, "GET", "faults")).faults[0].rule, {
    id: "cut", match: { action: "GetLastOnceTaskInfo" }, trigger: { times: 1 }, effect: { connection: "reset" },
  });
  assert.notEqual(scan().status, 0);
  await rule.getByText("used up").waitFor();
  await picture(page, "console-faults");
  await page.getByRole("link", { name: "Calls" }).click();
  await page.getByRole("button", { name: "GetLastOnceTaskInfo, failed: details" }).click();
  const details = page.getByRole("region", { name: "Details of the call" });
  await details.getByText("connection reset").waitFor();
  await details.getByText("fault cut").waitFor();
  await page.getByRole("link", { name: "Timeline" }).click();
  await page.getByRole("region", { name: "Timeline" }).locator("svg").getByText("GetLastOnceTaskInfo").first().waitFor({ state: "attached" });
  await page.getByRole("link", { name: "Faults" }).click();
  await page.getByRole("button", { name: "Remove fault cut" }).click();
  await page.getByText("No fault is armed").waitFor();
});

test("a wrong scenario is not loaded, and its line is shown", async () => {
  const page = await start("scenario");
  const text = page.getByLabel("Scenario, YAML or JSON");
  await text.fill("version: 1\nname: mine\nlifecycles:\n  IMAGE_SCAN: { quued: 3s }\n");
  await page.getByRole("button", { name: "Load", exact: true }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("Line 4, column 17:").waitFor();
  await alert.getByText(/did you mean queued/).waitFor();
  await page.getByRole("button", { name: "Go to line 4" }).click();
  assert.equal(await text.evaluate((field) => field.value.slice(field.selectionStart, field.selectionStart + 5)), "quued");
  await picture(page, "console-scenario");
  assert.equal((await control(emulator.url, "GET", "info")).scenario.name, "default");
  await text.fill("version: 1\nname: mine\nlifecycles:\n  IMAGE_SCAN: { queued: 3s }\n");
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByText("Loaded mine").waitFor();
  await page.getByLabel("Begin with").selectOption("stuck");
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByText("Loaded stuck").waitFor();
});

test("an operation is called from the page", async () => {
  const page = await start("operations");
  await page.getByLabel("Filter", { exact: true }).fill("GetLastOnce");
  await page.getByRole("link", { name: /^GetLastOnceTaskInfo/ }).click();
  const form = page.getByRole("form", { name: "Call GetLastOnceTaskInfo" });
  await form.getByLabel("TaskName").fill("a/b=c");
  await form.getByLabel("TaskType").fill("IMAGE_SCAN & more*'()");
  await form.getByRole("button", { name: "Call", exact: true }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("400").waitFor();
  await form.getByLabel("TaskType").fill("IMAGE_SCAN");
  await form.getByLabel("TaskName").fill("IMAGE_SCAN");
  await form.getByRole("button", { name: "Call", exact: true }).click();
  await answer.getByText(/"Status": "INIT"/).waitFor();
  await picture(page, "console-operations");
  const { requests } = await control(emulator.url, "GET", "requests");
  assert.deepEqual(requests.map(({ status, account, scheme }) => [status, account, scheme]), [[200, "test", "v3"], [400, "test", "v3"]]);
  assert.notEqual(requests[1].code, "SignatureDoesNotMatch");
});

test("a call can be copied", async () => {
  const page = await start("calls");
  scan();
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, ok/ }).click();
  for (const [button, wanted] of [
    ["Copy as command", `sas-emulator call --endpoint ${emulator.url} GetLastOnceTaskInfo TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN`],
    ["Copy as curl", "--data-urlencode Action=GetLastOnceTaskInfo"],
    ["Copy as Python", 'action="GetLastOnceTaskInfo"'],
  ]) {
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("button", { name: "Copied" }).last().waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.includes(wanted), copied);
  }
});

test("a wrong signature shows what was to be signed", async () => {
  const page = await start("calls");
  scan("--access-key-secret", "wrong");
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, refused/ }).click();
  await page.getByRole("heading", { name: "String to sign" }).waitFor();
});

test("the list is filtered by text, account and result", async () => {
  const page = await start("calls");
  scan();
  scan("--access-key-id", "ci");
  scan("--access-key-secret", "wrong");
  await page.getByText("3 calls, 1 failed").first().waitFor();
  await page.getByLabel("Result").selectOption("failed");
  await page.getByText("1 call of 3, 1 failed").waitFor();
  await page.getByLabel("Result").selectOption("");
  await page.getByLabel("Filter", { exact: true }).fill("image_scan ci");
  await page.getByText("1 call of 3, 0 failed").waitFor();
  await page.getByLabel("Filter", { exact: true }).fill("");
  await page.getByLabel("Account").selectOption("test");
  await page.getByText("2 calls of 3, 1 failed").waitFor();
});

test("of a thousand calls only those are drawn that can be seen", async () => {
  const page = await start("calls");
  await page.evaluate(async () => {
    const { addCalls } = await import("/_emulator/console/calls.js");
    const one = (sequence) => ({
      sequence, request_id: `id-${sequence}`, time: "2026-01-02T03:04:05Z", task_time: "2026-01-02T03:04:05Z", account: "test",
      method: "POST", action: "GetLastOnceTaskInfo", params: {}, faults: [], status: 200, broke: null, code: null, elapsed_ms: 0.1,
    });
    for (let first = 1; first <= 5000; first += 100) addCalls(Array.from({ length: 100 }, (_, at) => one(first + at)));
  });
  await page.getByText("1,000 calls, 0 failed").first().waitFor();
  const table = page.getByRole("region", { name: "Calls, newest first" });
  const drawn = () => table.locator("tbody tr:not(.space)").count();
  const numbers = () => table.locator("tbody tr:not(.space)").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("aria-rowindex"))));
  assert.ok((await drawn()) < 60, `${await drawn()} rows`);
  assert.equal((await numbers())[0], 2);
  const height = await table.evaluate((box) => box.scrollHeight);
  for (const part of [0.5, 1]) {
    await table.evaluate((box, part) => (box.scrollTop = (box.scrollHeight - box.clientHeight) * part), part);
    await page.waitForFunction((part) => {
      const rows = [...document.querySelectorAll(".table-box tbody tr:not(.space)")].map((row) => Number(row.getAttribute("aria-rowindex")));
      return part === 1 ? rows.at(-1) === 1001 : rows.includes(500);
    }, part);
    assert.ok((await drawn()) < 60, `${await drawn()} rows`);
    assert.equal(await table.evaluate((box) => box.scrollHeight), height);
  }
});

test("many calls at once are shown in a few frames", async () => {
  const page = await start("calls");
  await page.evaluate(() => {
    globalThis.changes = 0;
    new MutationObserver(() => (globalThis.changes += 1)).observe(document.querySelector(".table-box tbody"), { childList: true });
  });
  await Promise.all(Array.from({ length: 150 }, () => fetch(`${emulator.url}/?Action=GetLastOnceTaskInfo`)));
  await page.getByText("150 calls, 150 failed").first().waitFor();
  const changes = await page.evaluate(() => globalThis.changes);
  assert.ok(changes < 150, `${changes} times`);
});

test("the token is asked for and kept for the tab", async () => {
  const page = await start("clock", { options: ["--control-token", "s3cret"] });
  await page.getByLabel("Token", { exact: true }).fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("The emulator refused this token.").waitFor();
  await page.getByLabel("Token", { exact: true }).fill("s3cret");
  await page.getByRole("button", { name: "Use the token" }).click();
  await page.getByRole("heading", { name: "Clock" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Clock" }).waitFor();
  await page.getByText("live").waitFor();
});

test("a clock of one account is moved alone", async () => {
  const page = await start("clock");
  scan("--access-key-id", "ci");
  await page.getByLabel("Account").selectOption("ci");
  await page.getByLabel("Advance by").fill("2h");
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await page.getByText("2 changes of tasks").waitFor();
  await page.getByText("own clock of ci").waitFor();
  await page.getByRole("button", { name: "Choose ci" }).waitFor();
  assert.equal((await control(emulator.url, "GET", "clock?account=ci")).own, true);
  assert.equal((await control(emulator.url, "GET", "clock")).own_clock_count, 1);
});

test("what a command changed is listed", async () => {
  const page = await start("commands");
  await page.getByRole("button", { name: "Pause the clock" }).click();
  await page.getByRole("cell", { name: "clock pause" }).waitFor();
});

test("the stream is read on after the emulator was away", async () => {
  const page = await start("calls");
  await page.getByText("live").waitFor();
  const { port } = new URL(emulator.url);
  await emulator.stop();
  await page.getByText("not reached; trying again").waitFor();
  emulator = await serve("--listen", `127.0.0.1:${port}`);
  await page.getByText("live").waitFor();
  scan();
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, ok/ }).waitFor();
});

test("a browser at the address finds the console", async () => {
  const page = await start("calls");
  await page.goto(`${emulator.url}/`);
  await page.getByRole("link", { name: "Open the console" }).click();
  await page.getByRole("heading", { name: "Calls" }).waitFor();
});
