// An emulator and a browser for the tests of the console, and what they share.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(`${process.env.CONSOLE_MODULES}/`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const BINARY = process.env.EMULATOR_BIN;
/** Only a bound for what hangs. */
export const PATIENCE = 20000;

const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SAS_EMULATOR_")));

/** An emulator on a free port. */
export async function serve(...options) {
  const listen = options.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
  const child = spawn(BINARY, [...listen, ...options], { env: CLEAN, stdio: ["ignore", "pipe", "ignore"] });
  const url = await new Promise((found, failed) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      const ready = /ready (http\S+)/.exec(text);
      if (ready) found(ready[1]);
    });
    child.on("exit", (code) => failed(new Error(`the emulator ended with ${code}: ${text}`)));
    child.on("error", failed);
  });
  const stop = () => new Promise((ended) => (child.exitCode === null && child.signalCode === null ? child.once("exit", ended).kill("SIGKILL") : ended()));
  return { url, stop };
}

/** Calls as a client does; the exit code says whether it succeeded. */
export function call(url, ...words) {
  const command = ["call", "--endpoint", url, ...words];
  const { status, stdout, stderr } = spawnSync(BINARY, command, { env: CLEAN, encoding: "utf8", timeout: PATIENCE });
  return { status, stdout, stderr };
}

/** A request of the control API. */
export async function control(url, method, name, body) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(`${url}/_emulator/${name}`, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

/** For work on the console: the files of a folder instead of those in the binary. */
async function fromFolder(route) {
  const name = new URL(route.request().url()).pathname.replace("/_emulator/console/", "");
  const file = path.resolve(process.env.CONSOLE_FILES, name);
  await (existsSync(file) ? route.fulfill({ path: file }) : route.continue());
}

/** A page of the console; `page.problems` are errors of scripts, of the security policy, and requests to other hosts. */
export async function open(browser, url, panel = "", { theme = "light", width = 1280, height = 800, ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, permissions: ["clipboard-read", "clipboard-write"], ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    // What a test makes the emulator refuse is no problem of the page.
    const isRefusal = /Failed to load resource: the server responded|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isRefusal) page.problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) page.problems.push(`asked for ${request.url()}`);
  });
  if (process.env.CONSOLE_FILES) await page.route(`${url}/_emulator/console/**`, fromFolder);
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(`${url}/_emulator/${panel && `#${panel}`}`);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  return page;
}

/** What axe finds serious or critical on the page as it stands. The script is run by the test, beside the page's policy. */
export async function barriers(page) {
  await page.evaluate(readFileSync(axe, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}

const MOST_BYTES = 150 * 1024;

async function save(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}

/** A picture for those who work on the page: only when a folder is given for it. */
export async function look(page, name) {
  if (process.env.CONSOLE_PICTURES) await save(page, process.env.CONSOLE_PICTURES, name);
}

/** A picture of the documentation: only when it is asked for. */
export async function picture(page, name) {
  await look(page, name);
  if (!process.env.UPDATE_IMAGES) return;
  const file = await save(page, path.join(ROOT, "docs/images"), name);
  if (statSync(file).size > MOST_BYTES) throw new Error(`${file} has more than ${MOST_BYTES} bytes`);
}
