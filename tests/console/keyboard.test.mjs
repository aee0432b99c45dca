// The console with a keyboard alone, in the dark theme, on a narrow screen, and for those who hear it.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { barriers, call, control, launch, look, open, picture, serve } from "./stage.mjs";

/** The panels, and what each shows once it has read what it shows. */
const CONTENT = {
  calls: ".rows tbody tr:not(.space)", timeline: ".timeline svg", tasks: "progress", clock: ".big-clock", faults: ".plain-rows",
  scenario: ".editor", operations: ".operations li", escaped: ".empty", commands: ".plain-rows",
};
const PANELS = Object.keys(CONTENT);

let browser;
let emulator;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
afterEach(async () => {
  await emulator?.stop();
});

/** An emulator in which something has happened. */
async function lively() {
  emulator = await serve("--seed", "7");
  const { url } = emulator;
  const poll = (type, ...more) => call(url, "GetLastOnceTaskInfo", `TaskType=${type}`, `TaskName=${type}`, ...more);
  await control(url, "PUT", "clock", { action: "pause" });
  poll("IMAGE_SCAN");
  poll("VUL_CHECK_TASK", "--access-key-id", "ci");
  await control(url, "PUT", "clock", { action: "advance", by: "6s" });
  for (const body of [
    { id: "overloaded", match: { action: "GetLastOnceTaskInfo", account: "test" }, trigger: { calls: "3..4" }, effect: { error: "ServiceUnavailable" } },
    { id: "cut-off", match: { account: "ci" }, trigger: { times: 1 }, effect: { connection: "reset" } },
    { id: "slow", match: { action: "DescribeVulList" }, effect: { delay: "700ms" } },
  ]) await control(url, "POST", "faults", body);
  poll("IMAGE_SCAN");
  poll("IMAGE_SCAN");
  poll("IMAGE_SCAN");
  poll("IMAGE_SCAN", "--access-key-secret", "wrong");
  poll("VUL_CHECK_TASK", "--access-key-id", "ci");
  poll("VUL_CHECK_TASK", "--access-key-id", "ci");
  call(url, "DescribeVulList", "Type=cve");
  call(url, "GetLastOnceTaskInf");
  await control(url, "PUT", "clock", { action: "advance", by: "1h" });
  poll("IMAGE_SCAN");
  poll("ASSETS_COLLECTION", "--access-key-id", "ci");
  await control(url, "PUT", "clock", { action: "advance", by: "5s" });
  poll("ASSETS_COLLECTION", "--access-key-id", "ci");
  return url;
}

test("no panel has serious accessibility problems, light or dark, wide or narrow", async () => {
  const url = await lively();
  for (const [theme, width] of [["light", 1280], ["dark", 1280], ["light", 800]]) {
    const page = await open(browser, url, "calls", { theme, width });
    for (const panel of PANELS) {
      await page.evaluate((panel) => (location.hash = panel), panel);
      await page.waitForFunction((panel) => document.querySelector("nav a[aria-current]")?.hash === `#${panel}`, panel);
      await page.locator(CONTENT[panel]).first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${panel} is ${wide} pixels too wide at ${width}`);
      assert.deepEqual(await barriers(page), [], `${panel}, ${theme}, ${width}`);
      await look(page, `${panel}-${theme}-${width}`);
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
});

test("everything is reached with the keyboard", async () => {
  const url = await lively();
  const page = await open(browser, url, "", { theme: "dark" });
  await page.getByRole("button", { name: /GetLastOnceTaskInfo/ }).first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.getAttribute("aria-label") || "");
  const reach = async (name) => {
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      if ((await focused()).startsWith(name)) return;
    }
    assert.fail(`no tab stop is called ${name}`);
  };
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the panel");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  // To a call and back.
  await page.keyboard.press("Tab");
  await reach("GetLastOnceTaskInfo");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "what has the focus shows it");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Details of the call" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Details of the call" }).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Calls, newest first");
  // The next call is chosen with an arrow.
  await page.keyboard.press("ArrowDown");
  await page.getByRole("region", { name: "Details of the call" }).waitFor();
  await page.keyboard.press("Escape");
  // Resume the clock, from the head.
  await page.keyboard.press("Home");
  await page.locator(".brand").focus();
  await reach("Resume");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Pause the clock" }).waitFor();
  // To another panel, whose heading has the focus then.
  await reach("Tasks");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent === "Tasks" && document.activeElement.tagName === "H1");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the page has landmarks, one heading of the first level, and says how many calls there are", async () => {
  const url = await lively();
  const page = await open(browser, url);
  for (const role of ["banner", "navigation", "main"]) assert.equal(await page.getByRole(role).count(), 1, role);
  for (const panel of PANELS) {
    await page.evaluate((panel) => (location.hash = panel), panel);
    await page.waitForFunction((panel) => document.querySelector("nav a[aria-current]")?.hash === `#${panel}`, panel);
    assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, panel);
  }
  await page.getByRole("link", { name: /^Calls/ }).click();
  const said = page.locator("[aria-live=polite]");
  assert.equal(await said.count(), 1);
  await page.waitForFunction(() => /^\d+ calls?, \d+ failed$/.test(document.querySelector("[aria-live=polite]").textContent));
  assert.equal(await page.locator(".table-box [aria-live]").count(), 0, "rows are not read out as they come");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the pictures of the documentation show what they should", async () => {
  const url = await lively();
  const light = await open(browser, url, "calls", { height: 660 });
  await light.getByRole("button", { name: "GetLastOnceTaskInfo, refused: details" }).first().click();
  await light.getByRole("region", { name: "Details of the call" }).getByText("SignatureDoesNotMatch").first().waitFor();
  await picture(light, "console-calls");
  await light.getByRole("link", { name: "Timeline" }).click();
  await light.locator(CONTENT.timeline).waitFor();
  await picture(light, "console-timeline");
  await light.getByRole("link", { name: "Scenario", exact: true }).click();
  await light.getByLabel("Scenario, YAML or JSON").fill("version: 1\nname: mine\nlifecycles:\n  IMAGE_SCAN: { quued: 3s, running: 20s }\n");
  await light.getByRole("button", { name: "Load", exact: true }).click();
  await light.getByText("Line 4, column 17:").waitFor();
  await picture(light, "console-scenario");
  const dark = await open(browser, url, "tasks", { theme: "dark", height: 560 });
  await dark.locator(CONTENT.tasks).first().waitFor();
  await picture(dark, "console-tasks");
  await dark.getByRole("link", { name: "Faults" }).click();
  await dark.locator(CONTENT.faults).waitFor();
  await picture(dark, "console-faults");
  for (const page of [light, dark]) {
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
});
