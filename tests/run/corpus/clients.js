// Clients in Node.js, by name: node clients.js NAME. Standard library only.
"use strict";

const crypto = require("node:crypto");
const { setTimeout: pause } = require("node:timers/promises");

const { SAS_EMULATOR_ENDPOINT: endpoint, ALIBABA_CLOUD_ACCESS_KEY_ID: key, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = process.env;

const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

// The query of a call, signed as the legacy SDKs sign (HMAC-SHA1).
function signed(action, parameters, time) {
  const all = {
    ...parameters, Action: action, Version: "2018-12-03", Format: "JSON", AccessKeyId: key, SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0", SignatureNonce: crypto.randomUUID(), Timestamp: time.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const query = Object.keys(all).sort().map((name) => `${encode(name)}=${encode(all[name])}`).join("&");
  const signature = crypto.createHmac("sha1", `${secret}&`).update(`GET&%2F&${encode(query)}`).digest("base64");
  return `${query}&Signature=${encode(signature)}`;
}

// Status, body, and the wait that is demanded, in milliseconds.
async function call(action, parameters, time = new Date()) {
  const answer = await fetch(`${endpoint}/?${signed(action, parameters, time)}`);
  return { status: answer.status, body: await answer.json(), wait: Number(answer.headers.get("x-acs-retry-after")) };
}

const SCAN = { TaskType: "IMAGE_SCAN", TaskName: "IMAGE_SCAN" };
const scan = (time) => call("GetLastOnceTaskInfo", SCAN, time);
const isRunning = ({ body }) => ["INIT", "START"].includes(body.TaskInfo?.Status);

async function untilItEnds(waitFor) {
  for (;;) {
    const shown = await scan();
    if (shown.status === 200 && !isRunning(shown)) return shown.body.TaskInfo.Status;
    await pause(shown.status === 200 ? 100 : waitFor(shown));
  }
}

const CLIENTS = {
  async retries_refusals() {
    for (const [action, parameters] of [["CancelOnceTask", { TaskId: "1" }], ["GetOnceTaskInfos", SCAN]]) {
      for (let tries = 0; tries < 3; tries++) {
        const { status } = await call(action, parameters);
        if (status === 200) break;
        await pause(100);
      }
    }
  },
  async ignores_the_delay() {
    await untilItEnds(() => 60);
  },
  async wrong_clock() {
    const hourAgo = new Date(Date.now() - 3600_000);
    console.log((await scan(hourAgo)).body.Code);
  },
  async pages_of_a_list() {
    for (let page = 1, seen = 0, total = 1; seen < total; page++) {
      const { body } = await call("DescribeCloudCenterInstances", { CurrentPage: page, PageSize: 5 });
      total = body.PageInfo.TotalCount;
      seen += body.Instances.length;
    }
  },
  async honours_the_delay() {
    await untilItEnds(({ wait }) => wait);
  },
  async reports_a_timeout() {
    const status = await untilItEnds(() => 100);
    if (status !== "SUCCESS") {
      console.log(`the scan ended with ${status}`);
      process.exitCode = 1;
    }
  },
};

CLIENTS[process.argv[2]]();
