// Clients over TLS: from a host and an authority, in PEM (none: those that Node.js trusts), to a function that sends a request.
'use strict';

const core = require('@alicloud/openapi-core');
const forerunner = require('@alicloud/openapi-client');
const { RPCClient } = require('@alicloud/pop-core');
const { RuntimeOptions } = require('@darabonba/typescript');

const { operation, usual } = require('./contract');

const generic = ({ Client, Config, OpenApiRequest, Params }) => (host, ca) => {
  const { id: accessKeyId, secret: accessKeySecret } = usual.key;
  const client = new Client(new Config({ endpoint: host, protocol: 'https', ca, accessKeyId, accessKeySecret }));
  return async ({ action, version, params }) => {
    const request = new OpenApiRequest({ query: params });
    return (await client.callApi(new Params(operation(action, version)), request, new RuntimeOptions({}))).body;
  };
};

const SDKS = {
  'openapi-core': generic({ Client: core.default, ...core.$OpenApiUtil }),
  'openapi-client': generic({ Client: forerunner.default, ...forerunner }),
  'pop-core': (host, ca) => {
    const { id: accessKeyId, secret: accessKeySecret } = usual.key;
    const client = (apiVersion) =>
      new RPCClient({ endpoint: `https://${host}`, apiVersion, accessKeyId, accessKeySecret, opts: { ca } });
    return ({ action, version, params }) => client(version).request(action, params, { method: 'POST' });
  },
};

module.exports = { SDKS };
