// The console as a person uses it, with a mouse or with a keyboard alone.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { call, control, launch, open, serve } from "./stage.mjs";

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

/** Gives the page calls that no client sent. */
const addMade = (page, first, count) => page.evaluate(async ([first, count]) => {
  const { addCalls } = await import("/_emulator/console/calls.js");
  const one = (sequence) => ({
    sequence, request_id: `id-${sequence}`, time: "2026-01-02T03:04:05Z", task_time: "2026-01-02T03:04:05Z", account: "test",
    method: "POST", action: "GetLastOnceTaskInfo", params: {}, faults: [], status: 200, broke: null, code: null, elapsed_ms: 0.1,
  });
  for (let at = 0; at < count; at += 100) addCalls(Array.from({ length: 100 }, (_, more) => one(first + at + more)));
}, [first, count]);

/** Another process at the same address, which the page has found. */
async function restart(page) {
  const { port } = new URL(emulator.url);
  await emulator.stop();
  await page.getByText("not reached; trying again").waitFor();
  emulator = await serve("--listen", `127.0.0.1:${port}`);
  await page.getByText("live").waitFor();
}

/** Tasks that no call started. */
const startTasks = async (account, count) => {
  for (let at = 0; at < count; at += 1) await control(emulator.url, "POST", "tasks", { account, type: "IMAGE_SCAN" });
};

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
    match: { action: "GetLastOnceTaskInfo" }, trigger: { times: 1 }, effect: { connection: "reset" },
  });
  assert.notEqual(scan().status, 0);
  await rule.getByText("used up").waitFor();
  await page.getByRole("link", { name: /^Calls/ }).click();
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
  await answer.getByText(/TASK_NOT_EXISTS/).waitFor();
  await form.getByLabel("TaskType").fill("IMAGE_SCAN");
  await form.getByLabel("TaskName").fill("IMAGE_SCAN");
  await form.getByRole("button", { name: "Call", exact: true }).click();
  await answer.getByText(/"Status": "INIT"/).waitFor();
  const { requests } = await control(emulator.url, "GET", "requests");
  assert.deepEqual(requests.map(({ status, account, scheme }) => [status, account, scheme]), [[200, "test", "v3"], [200, "test", "v3"]]);
  assert.deepEqual(requests[1].params, { TaskType: "IMAGE_SCAN & more*'()", TaskName: "a/b=c" });
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
  const toSign = page.getByRole("region", { name: "String to sign" });
  await toSign.getByText(/x-acs-action:GetLastOnceTaskInfo/).waitFor();
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
  await addMade(page, 1, 5000);
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
  assert.ok(changes < 60, `${changes} times`);
});

test("the token is asked for and kept for the tab", async () => {
  const page = await start("clock", { options: ["--control-token", "s3cret"] });
  await page.getByLabel("Token", { exact: true }).fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("The emulator refused this token.").waitFor();
  await page.getByLabel("Token", { exact: true }).fill("s3cret");
  await page.getByRole("button", { name: "Use the token" }).click();
  await page.getByRole("heading", { name: "Clock", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Clock", exact: true }).waitFor();
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

test("the head of the page pauses the clock of the chosen account alone", async () => {
  const page = await start("calls");
  scan("--access-key-id", "ci");
  await page.getByLabel("Account").selectOption("ci");
  await page.getByRole("button", { name: "Pause the clock" }).click();
  await page.getByRole("button", { name: "Resume the clock" }).waitFor();
  assert.equal((await control(emulator.url, "GET", "clock?account=ci")).paused, true);
  assert.equal((await control(emulator.url, "GET", "clock")).paused, false);
});

test("the tasks are read for the names of accounts only when one is to be chosen", async () => {
  emulator = await serve();
  await startTasks("by-hand", 1);
  const page = await start("calls");
  let reads = 0;
  page.on("request", (request) => (reads += request.url().includes("/_emulator/tasks") ? 1 : 0));
  await page.reload();
  await page.getByText("live").waitFor();
  await page.getByText("scenario default").waitFor();
  assert.equal(reads, 0);
  await page.getByLabel("Account").focus();
  await page.getByLabel("Account").selectOption("by-hand");
  assert.equal(reads, 1);
});

test("a new page shows the thousand calls before it", async () => {
  emulator = await serve();
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 100 }, () => fetch(`${emulator.url}/?Action=GetLastOnceTaskInfo`)));
  }
  const page = await start("calls");
  await page.getByText("1,000 calls, 1,000 failed").first().waitFor();
});

test("the page says how many tasks and changes it leaves out", async () => {
  emulator = await serve();
  await control(emulator.url, "PUT", "clock", { action: "pause" });
  await startTasks("test", 301);
  const page = await start("tasks");
  await page.getByText("301 tasks; the newest 300 of 301 are shown").waitFor();
  assert.equal(await page.getByRole("region", { name: "Tasks, newest first" }).locator("tbody tr").count(), 300);
  await page.getByRole("link", { name: "Clock", exact: true }).click();
  await page.getByRole("button", { name: "Advance", exact: true }).click();
  await page.getByText(/^\d+ changes of tasks, the first 100 are listed$/).waitFor();
});

test("a reset from panel Scenario is known to the other parts", async () => {
  const page = await start("scenario");
  await page.evaluate(async () => (globalThis.moved = (await import("/_emulator/console/clock-strip.js")).moved));
  await page.getByText("What is loaded").click();
  await page.getByRole("button", { name: "Reset to the start of this scenario" }).click();
  await page.waitForFunction(() => globalThis.moved.get().times === 1);
});

test("what a command changed is listed", async () => {
  const page = await start("commands");
  await page.getByRole("button", { name: "Pause the clock" }).click();
  await page.getByRole("cell", { name: "clock pause" }).waitFor();
});

test("the stream is read on after the emulator was away", async () => {
  const page = await start("calls");
  await page.getByText("live").waitFor();
  scan();
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, ok/ }).waitFor();
  await restart(page);
  // The numbers begin with 1 again.
  scan("--access-key-secret", "wrong");
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, refused/ }).waitFor();
  await page.getByText("1 call, 1 failed").first().waitFor();
});

test("a list that was held while the emulator was started again shows the calls of the new run", async () => {
  const page = await start("calls");
  await page.getByText("live").waitFor();
  scan();
  await page.getByRole("button", { name: /GetLastOnceTaskInfo, ok/ }).first().waitFor();
  await page.getByRole("button", { name: "Hold the list" }).click();
  scan();
  await page.getByRole("button", { name: "Show again (1 new)" }).waitFor();
  await restart(page);
  // The numbers begin with 1 again.
  scan();
  await page.getByRole("button", { name: /^Show again \([2-9] new\)$/ }).click();
  await page.getByText("1 call, 0 failed").first().waitFor();
});

test("calls of another run of the emulator replace a list that begins after them", async () => {
  const page = await start("calls");
  await page.getByText("live").waitFor();
  await addMade(page, 1001, 1000);
  await page.getByText("1,000 calls, 0 failed").first().waitFor();
  scan();
  await page.getByText("1 call, 0 failed").first().waitFor();
});

test("after the stream was live the first pause is short again, and no listener is left", async () => {
  const page = await start("calls");
  await page.getByText("live").waitFor();
  await page.evaluate(async () => {
    const { access } = await import("/_emulator/console/api.js");
    const { subscribe } = access;
    Object.assign(globalThis, { short: 0, begun: 0, ended: 0 });
    access.subscribe = (listener) => {
      globalThis.begun += 1;
      const stop = subscribe(listener);
      return () => (globalThis.ended += stop() ? 1 : 0);
    };
    const later = globalThis.setTimeout;
    globalThis.setTimeout = (run, pause) => {
      globalThis.short += pause === 500 ? 1 : 0;
      return later(run, pause);
    };
  });
  await restart(page);
  await emulator.stop();
  await page.waitForFunction(() => globalThis.short === 2 && globalThis.begun >= 3);
  assert.ok(await page.evaluate(() => globalThis.begun - globalThis.ended) <= 1);
});

test("a browser at the address finds the console", async () => {
  const page = await start("calls");
  await page.goto(`${emulator.url}/`);
  await page.getByRole("link", { name: "Open the console" }).click();
  await page.getByRole("heading", { name: "Calls" }).waitFor();
});
