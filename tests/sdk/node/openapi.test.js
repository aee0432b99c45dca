// The generic clients that generated Node.js SDKs are made of: @alicloud/openapi-core and its forerunner openapi-client.
'use strict';

const { describe, test } = require('node:test');

const core = require('@alicloud/openapi-core');
const forerunner = require('@alicloud/openapi-client');
const { RuntimeOptions } = require('@darabonba/typescript');

const { check, failure, hold, operation, usual } = require('./contract');
const { serving } = require('./emulator');

const SDKS = {
  'openapi-core': { Client: core.default, ...core.$OpenApiUtil },
  'openapi-client': { Client: forerunner.default, ...forerunner },
};

// "v2" is their word for the signature whose SignatureVersion is 1.0.
const ALGORITHMS = { 'ACS3-HMAC-SHA256': 'v3', 'ACS3-HMAC-SM3': 'v3', v2: 'v1' };

for (const [sdk, { Client, Config, OpenApiRequest, Params }] of Object.entries(SDKS)) {
  for (const [algorithm, scheme] of Object.entries(ALGORITHMS)) {
    const connect = (host, credentials) => {
      const config = { endpoint: host, protocol: 'http', signatureAlgorithm: algorithm, ...credentials };
      const client = new Client(new Config(config));
      return async ({ action, version, params }) => {
        const request = new OpenApiRequest({ query: params });
        return (await client.callApi(new Params(operation(action, version)), request, new RuntimeOptions({}))).body;
      };
    };
    const withKey = (host, key) =>
      connect(host, { accessKeyId: key.id, accessKeySecret: key.secret, securityToken: key.token });

    // Where the status stands differs between the two.
    const report = ({ code, message, statusCode, data: { statusCode: other, ...data } }) => ({
      status: statusCode ?? other,
      code,
      text: message,
      data,
    });

    describe(`${sdk} ${algorithm}`, () => {
      hold({ connect: withKey, report, scheme });

      test('bearer tokens are refused', (t) =>
        serving(t, [], async (host) => {
          const error = await failure(connect(host, { bearerToken: 'token' })(usual.request));
          check(report(error), host, {
            status: 400,
            code: 'UnsupportedSignatureType',
            message: 'This signature type is not supported.',
          });
        }));
    });
  }
}
