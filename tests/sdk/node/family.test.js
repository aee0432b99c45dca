// The once-task family, from the first call to every end it can have (shared/family.json), and single answers that are
// unusual (shared/answers.json), decoded as the generated SDK decodes.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { once } = require('node:events');
const { test } = require('node:test');

const { default: Client, OpenApiUtil, $OpenApiUtil } = require('@alicloud/openapi-core');
const { RuntimeOptions, cast } = require('@darabonba/typescript');

const { operation } = require('./contract');
const { SHARED, advance, serving } = require('./emulator');
const { TYPES, answer, plain, unknown } = require('./types');

const read = (name) => JSON.parse(fs.readFileSync(path.join(SHARED, name), 'utf8'));
const family = read('family.json');
const golden = read('family_golden.json');
const { params: usual, answers } = read('answers.json');

const dropped = new Set();

for (const { name: scene, each, steps } of family.scenes) {
  for (const type of each ?? ['']) {
    const name = `${scene} ${type}`.trim();
    test(`the family is seen as by every SDK (${name})`, (t) =>
      serving(t, family.flags, async (host) => {
        const seen = await walk(host, steps, type);
        golden[name].forEach((expected, at) => assert.deepEqual(seen[at], expected, `answer ${at + 1}`));
        assert.equal(seen.length, golden[name].length);
      }));
  }
}

test('of what is sent, the SDKs drop three members, which real answers were seen to have', () => {
  const known = ['Context', 'Source', 'TotalCount'];
  assert.deepEqual(
    [...dropped].sort(),
    known.map((member) => `DescribeOnceTask/TaskManageResponseList/${member}`),
  );
});

for (const { name, flags, body, member, sees } of answers) {
  const see = async (host) => {
    const seen = await ask(host, 'GetLastOnceTaskInfo', usual).then(
      (typed) => typed[member] ?? null,
      (error) => (error.statusCode ? assert.fail(error) : 'error'),
    );
    assert.deepEqual(seen, sees.node);
  };
  test(`an unusual answer (${name})`, (t) => (flags ? serving(t, flags, see) : stubbing(body, see)));
}

/** All that the client sees in a scene. The emulator's address, which is always another, stands as HOST. */
async function walk(host, steps, type) {
  const names = { '{type}': type };
  const seen = [];
  for (const { at = ['0s'], calls } of steps) {
    for (const by of at) {
      await advance(host, by);
      for (const { call, params, keep = {} } of calls) {
        const filled = Object.entries(params).map(([name, value]) => [name, names[value] ?? value]);
        const body = await ask(host, call, Object.fromEntries(filled)).catch(refused);
        for (const [name, pointer] of Object.entries(keep)) {
          names[`{${name}}`] = pointer.split('/').slice(1).reduce((value, part) => value[part], body);
        }
        seen.push([call, JSON.parse(JSON.stringify(body).replaceAll(host, 'HOST'))]);
      }
    }
  }
  return seen;
}

/** Does what a generated method does: sends, and casts the answer to its declared type. */
async function ask(host, action, params) {
  const key = { accessKeyId: 'test', accessKeySecret: 'test' };
  const client = new Client(new $OpenApiUtil.Config({ endpoint: host, protocol: 'http', ...key }));
  const described = new $OpenApiUtil.Params(operation(action, '2018-12-03'));
  const request = new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(params) });
  const whole = await client.callApi(described, request, new RuntimeOptions({}));
  unknown(TYPES[action], whole.body, action).forEach((member) => dropped.add(member));
  return plain(cast(whole, answer(action)).body);
}

function refused(error) {
  if (!error.statusCode) throw error;
  return { refused: [error.statusCode, error.code] };
}

/** A server that answers whatever it is asked with this. */
async function stubbing(body, use) {
  const stub = http.createServer((_, answer) => {
    answer.setHeader('Content-Type', 'application/json;charset=utf-8');
    answer.end(JSON.stringify(body));
  });
  await once(stub.listen(0, '127.0.0.1'), 'listening');
  try {
    await use(`127.0.0.1:${stub.address().port}`);
  } finally {
    stub.closeAllConnections();
    stub.close();
  }
}
