// Over verified TLS: the SDKs trust `ca` of their configuration, or NODE_EXTRA_CA_CERTS (docs/tls.md).
'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');

const { failure, usual, watch } = require('./contract');
const { serving } = require('./emulator');
const { SDKS } = require('./tls_clients');

/** Calls `use(host, ca, file)` while an emulator speaks TLS; `ca` is the authority to trust, in PEM, and `file` holds it. */
async function securely(t, scenario, use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sas-emulator-tls-'));
  const file = path.join(folder, 'ca.pem');
  try {
    let named = scenario;
    if (scenario.includes('\n')) {
      named = path.join(folder, 'scenario.yaml');
      fs.writeFileSync(named, scenario);
    }
    await serving(t, ['--scenario', named, '--tls', 'auto', '--tls-ca-out', file], (host) =>
      use(host, fs.readFileSync(file, 'utf8'), file),
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

for (const [sdk, connect] of Object.entries(SDKS)) {
  describe(`${sdk} over TLS`, () => {
    test('a scan is watched to its end', (t) =>
      securely(t, 'scan.yaml', (host, ca) => watch(connect(host, ca), usual.request)));

    test('who does not trust it does not call', (t) =>
      securely(t, 'scan.yaml', async (host) => {
        const error = await failure(connect(host, undefined)(usual.request));
        assert.match(String(error.message), /unable to verify the first certificate|self-signed|issuer/);
      }));
  });
}

test('a certificate that expired, or is for another name, is refused once', async (t) => {
  for (const [kind, message] of [
    ['expired', /expired/],
    ['wrong_name', /altnames|IP: /],
  ]) {
    const scenario = `version: 1
name: bad
start_on_first_poll: ['*']
faults: [{ trigger: { calls: 1 }, effect: { tls: ${kind} } }]
`;
    await securely(t, scenario, async (host, ca) => {
      const ask = SDKS['openapi-core'](host, ca);
      assert.match(String((await failure(ask(usual.request))).message), message);
      assert.equal((await ask(usual.request)).TaskInfo.Status, 'INIT');
    });
  }
});

test('NODE_EXTRA_CA_CERTS says it for a whole program', (t) =>
  securely(t, 'scan.yaml', async (host, _, file) => {
    // It is read once, when Node.js starts.
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: file, TLS_TEST_HOST: host };
    delete env.NODE_TEST_CONTEXT;
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(__dirname, 'tls_program.js')], { env });
    assert.deepEqual(JSON.parse(stdout), ['INIT', 'START', 'START']);
  }));
