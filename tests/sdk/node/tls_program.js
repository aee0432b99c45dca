// What tls.test.js runs in a process of its own: each SDK polls once, and trusts whom Node.js trusts.
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
