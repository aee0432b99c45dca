// What each SDK for Node.js sees in the built-in scenarios (shared/scenarios.json).
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { isDeepStrictEqual } = require('node:util');

const core = require('@alicloud/openapi-core');
const forerunner = require('@alicloud/openapi-client');
const { RPCClient } = require('@alicloud/pop-core');
const { RetryOptions, RuntimeOptions, cast } = require('@darabonba/typescript');

const { failure, operation, usual } = require('./contract');
const { SHARED, advance, serving } = require('./emulator');
const { answer, plain } = require('./types');

const document = JSON.parse(fs.readFileSync(path.join(SHARED, 'scenarios.json'), 'utf8'));

const VERSION = '2018-12-03';

// Each makes `ask(action, params, timeout)` with all possible retries enabled. The timeout for an answer is in
// milliseconds; without one it is the SDK's own.
const SDKS = {
  'pop-core': (host, key) => {
    const client = new RPCClient({
      endpoint: `http://${host}`,
      apiVersion: VERSION,
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      securityToken: key.token,
    });
    return (action, params, timeout) => client.request(action, params, { method: 'POST', ...(timeout && { timeout }) });
  },
  'openapi-core': (host, key, retry) => {
    const condition = { exception: ['ThrottlingError'], errorCode: ['ECONNRESET'], maxAttempts: 3 };
    const retryOptions = retry && new RetryOptions({ retryable: true, retryCondition: [condition] });
    return generated({ Client: core.default, ...core.$OpenApiUtil }, host, key, { retryOptions }, {});
  },
  'openapi-client': (host, key, retry) =>
    generated({ Client: forerunner.default, ...forerunner }, host, key, {}, { autoretry: retry, maxAttempts: 3 }),
};

/** Does what generated methods do: sends, and casts the answer to its declared type. */
function generated({ Client, Config, OpenApiRequest, Params }, host, key, settings, runtime) {
  const credentials = { accessKeyId: key.id, accessKeySecret: key.secret, securityToken: key.token };
  const client = new Client(new Config({ endpoint: host, protocol: 'http', ...credentials, ...settings }));
  return async (action, params, timeout) => {
    const described = new Params(operation(action, VERSION));
    const options = new RuntimeOptions({ ...runtime, readTimeout: timeout });
    const whole = await client.callApi(described, new OpenApiRequest({ query: params }), options);
    return plain(cast(whole, answer(action)).body);
  };
}

for (const [sdk, connect] of Object.entries(SDKS)) {
  describe(sdk, () => {
    for (const situation of document.situations) {
      test(`a situation is seen for what it is (${situation.name})`, (t) =>
        serving(t, situation.flags, (host) => walk(host, situation, sdk, connect)));
    }
  });
}

// The SDK's timer is made to expire at once, because the test must not wait for so long.
test('an answer that takes longer than the SDKs wait is an error', (t) =>
  serving(t, ['--scenario', 'late.yaml'], async (host) => {
    const real = globalThis.setTimeout;
    for (const [sdk, connect] of Object.entries(SDKS)) {
      const limit = document.read_timeouts[sdk];
      const timer = (act, wait, ...rest) => real(act, wait === limit ? 0 : wait, ...rest);
      const { mock } = t.mock.method(globalThis, 'setTimeout', timer);
      const error = refusalOf(await failure(connect(host, usual.key)(usual.request.action, document.params)));
      mock.restore();
      assert.equal(error.error, 'RequestTimeoutError', sdk);
      assert.ok(error.says.startsWith(`ReadTimeout(${limit})`), error.says);
    }
  }));

/** Makes the calls one after the other, with one client, and holds what the SDK sees against the document. */
async function walk(host, { key = usual.key, retry, steps }, sdk, connect) {
  const ask = connect(host, key, retry);
  const seen = [];
  const wanted = [];
  for (const { advance: by, call = usual.request.action, params = document.params, timeout, within = 1, sees } of steps) {
    if (by) await advance(host, by);
    for (const outcome of sees) {
      const { all, sees: each } = document.outcomes[outcome];
      const want = { ...all, ...each?.[sdk] };
      let saw;
      for (let left = within; left > 0 && !isDeepStrictEqual(saw, want); left -= 1) {
        saw = comparable(await ask(call, params, timeout).then((shows) => ({ shows }), refusalOf), want);
      }
      wanted.push(want);
      seen.push(saw);
    }
  }
  assert.deepEqual(seen, wanted);
}

/** The members of an error that an application can read. */
function refusalOf(error) {
  const { name, code, message, statusCode, data, entry, retryAfter } = error;
  const all = {
    error: name,
    status: statusCode ?? data?.statusCode ?? entry?.response.statusCode,
    code,
    says: message,
    retry_after: retryAfter,
    request_id: data?.RequestId,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * What was seen, so far as the document says anything of it: of answers the members that it names, of texts the part, of
 * waits that they are no longer.
 */
function comparable(seen, wanted) {
  if ('shows' in seen) return { shows: narrowed(seen.shows, wanted.shows) };
  const same = { ...seen };
  if ('says' in wanted && seen.says.includes(wanted.says)) same.says = wanted.says;
  if (seen.retry_after > 0 && seen.retry_after <= wanted.retry_after) same.retry_after = wanted.retry_after;
  if (/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(seen.request_id)) same.request_id = true;
  return same;
}

/** The members that are wanted. */
function narrowed(value, wanted) {
  if (Array.isArray(value) && value.length === wanted?.length) return value.map((item, at) => narrowed(item, wanted[at]));
  const isMap = (one) => one !== null && typeof one === 'object';
  if (!isMap(value) || !isMap(wanted)) return value;
  const members = Object.entries(value).filter(([name]) => name in wanted);
  return Object.fromEntries(members.map(([name, member]) => [name, narrowed(member, wanted[name])]));
}
