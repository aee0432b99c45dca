// @alicloud/pop-core, which makes the old signature and sends it in the URL (GET) or in the body (POST).
'use strict';

const { describe } = require('node:test');

const { RPCClient } = require('@alicloud/pop-core');

const { hold } = require('./contract');

for (const method of ['GET', 'POST']) {
  const connect = (host, key) => (request) => {
    const client = new RPCClient({
      endpoint: `http://${host}`,
      apiVersion: request.version,
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      securityToken: key.token,
    });
    return client.request(request.action, request.params, { method });
  };

  // It throws for any answer with a `Code`, whatever its status.
  const report = ({ entry, code, message, data }) => ({
    status: entry.response.statusCode,
    code,
    text: message,
    data,
  });

  describe(`pop-core ${method}`, () => hold({ connect, report, scheme: 'v1' }));
}
