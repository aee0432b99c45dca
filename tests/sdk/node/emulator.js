// Starts sas-emulator on a free port for the time of one test, and stops it.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { createInterface } = require('node:readline');

const SHARED = path.join(__dirname, '..', 'shared');
const READY = 'sas-emulator ready http://';

/** Calls `use(host)` while an emulator runs with these flags; what it logs is shown if that fails. */
async function serving(t, flags, use) {
  const emulator = spawn(binary(), ['--listen', '127.0.0.1:0', ...flags], {
    cwd: SHARED,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(emulator, 'close');
  let log = '';
  emulator.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  try {
    const [line] = await Promise.race([once(createInterface(emulator.stdout), 'line'), ended]);
    assert.ok(String(line).startsWith(READY), `the emulator did not start: ${line}`);
    await use(line.slice(READY.length));
    emulator.kill();
    assert.deepEqual(await ended, [0, null], 'the emulator did not stop in peace');
  } catch (error) {
    emulator.kill('SIGKILL');
    await ended;
    t.diagnostic(`the emulator logged:\n${log}`);
    throw error;
  }
}

/** Moves the task clock. */
async function advance(host, by) {
  const headers = { 'Content-Type': 'application/json' };
  const order = { method: 'PUT', headers, body: JSON.stringify({ action: 'advance', by }) };
  const moved = await fetch(`http://${host}/_emulator/clock`, order);
  assert.ok(moved.ok, await moved.text());
}

function binary() {
  assert.ok(process.env.EMULATOR_BIN, 'EMULATOR_BIN does not name a binary; tests/sdk/run finds one');
  return process.env.EMULATOR_BIN;
}

/** Settings of the person who runs the tests must not reach the emulator under test. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SAS_EMULATOR_')));
}

module.exports = { SHARED, advance, serving };
