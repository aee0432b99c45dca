// The program that tls.test.js runs in a separate process: each SDK polls once, and trusts the authorities that Node.js trusts.
'use strict';

const { SDKS } = require('./tls_clients');
const { usual } = require('./contract');

(async () => {
  const statuses = [];
  for (const connect of Object.values(SDKS)) {
    statuses.push((await connect(process.env.TLS_TEST_HOST, undefined)(usual.request)).TaskInfo.Status);
  }
  console.log(JSON.stringify(statuses));
})();
