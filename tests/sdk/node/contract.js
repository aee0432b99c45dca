// The contract that every SDK is held to (shared/contract.json), for Node.js.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const { SHARED, serving } = require('./emulator');

const { usual, scans, refusals } = JSON.parse(fs.readFileSync(path.join(SHARED, 'contract.json'), 'utf8'));
const complete = (each) => ({ ...usual, ...each, request: { ...usual.request, ...each.request } });

const UNSIGNED = {
  v1: 'Specified signature is not matched with our calculation. server string to sign is:',
  v3: 'Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-S',
};

/**
 * Registers the tests that every way to use an SDK must pass.
 *
 * `connect(host, key)` gives an `ask(request)` that resolves to the body of the answer; `report(error)` has the
 * members of an error that an application can read: `{ status, code, text, data }`; `scheme` is `v1` or `v3`.
 */
function hold({ connect, report, scheme }) {
  for (const { name: each, ...scan } of scans) {
    test(`a scan is watched to its end (${each})`, (t) => {
      const { flags, key, request } = complete(scan);
      return serving(t, flags, (host) => watch(connect(host, key), request));
    });
  }
  for (const refusal of refusals) {
    test(`a refusal is reported (${refusal.name})`, (t) => {
      const { flags, key, request, ...expected } = complete(refusal);
      return serving(t, flags, async (host) => {
        check(report(await failure(connect(host, key)(request))), host, expected);
      });
    });
  }
  test('a wrong secret is reported with what the service signed', (t) =>
    serving(t, [], async (host) => {
      const seen = report(await failure(connect(host, { id: 'test', secret: 'wrong' })(usual.request)));
      const message = seen.data.Message;
      assert.ok(message.startsWith(UNSIGNED[scheme]), message);
      check(seen, host, { status: 400, code: 'SignatureDoesNotMatch', message });
    }));
}

/** Polls until the scan is over, and checks that it went the way of a scan. */
async function watch(ask, request, most = 10) {
  const replies = [await ask(request)];
  while (['INIT', 'START'].includes(replies.at(-1).TaskInfo.Status)) {
    assert.ok(replies.length < most, 'no end in sight');
    replies.push(await ask(request));
  }

  const statuses = replies.map((reply) => reply.TaskInfo.Status);
  assert.deepEqual(
    statuses.filter((status, at) => status !== statuses[at - 1]),
    ['INIT', 'START', 'SUCCESS'],
  );

  const progress = replies.map((reply) => reply.TaskInfo.Progress);
  assert.ok(progress.every((percent, at) => at === 0 || percent > progress[at - 1]), `does not rise: ${progress}`);
  assert.deepEqual([progress[0], progress.at(-1)], [0, 100]);

  const finished = replies.map((reply) => reply.FinishCount);
  assert.ok(finished.every((count, at) => at === 0 || count >= finished[at - 1]), `falls: ${finished}`);
  assert.ok(finished.at(-1) > 0 && finished.at(-1) === replies.at(-1).TotalCount);

  // As text: pop-core reads numbers of more than 15 digits as objects.
  assert.equal(new Set(replies.map((reply) => String(reply.TaskId))).size, 1);
  assert.equal(new Set(replies.map((reply) => reply.RequestId)).size, replies.length);
}

/** The error with which a promise fails. */
async function failure(promise) {
  return promise.then(
    (body) => assert.fail(`it was answered: ${JSON.stringify(body)}`),
    (error) => error,
  );
}

/** All members of an error that an application can read. */
function check({ status, code, text, data }, host, expected) {
  assert.deepEqual([status, code], [expected.status, expected.code]);
  assert.match(data.RequestId, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  const { AccessDeniedDetail: detail, ...rest } = data;
  // Only a refusal by RAM names the missing permission.
  assert.equal(detail?.AuthAction, code === 'NoPermission' ? 'yundun-aegis:GetLastOnceTaskInfo' : undefined);
  assert.deepEqual(
    rest,
    {
      RequestId: data.RequestId,
      Message: expected.message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}&product=Sas&requestId=${data.RequestId}`,
      HostId: host,
      Code: code,
    },
  );
  assert.ok(text.includes(expected.message), text);
}

/** What a generated client says of an operation. */
function operation(action, version) {
  return {
    action,
    version,
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  };
}

module.exports = { check, failure, hold, operation, usual, watch };
