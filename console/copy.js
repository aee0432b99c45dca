// The same call again: as a command of the emulator, as a curl line, as a Python program.

const VERSION = "2018-12-03";

/** A word for a shell. */
const word = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const pairs = (call) => Object.entries(call.params ?? {});

export function asCall(call) {
  const key = call.account && call.account !== "test" ? ` --access-key-id ${word(call.account)}` : "";
  // What comes from a client is a word of its own, and after -- no flag.
  const words = [call.action ?? "", ...pairs(call).map(([name, value]) => `${name}=${value}`)];
  const end = words.some((text) => text.startsWith("-")) ? " --" : "";
  return `sas-emulator call --endpoint ${location.origin}${key}${end} ${words.map(word).join(" ")}`;
}

export function asCurl(call) {
  const params = pairs(call).map(([name, value]) => ` \\\n  --data-urlencode ${word(`${name}=${value}`)}`);
  const common = { Action: call.action, Version: call.version ?? VERSION, AccessKeyId: call.account ?? "test", Format: "JSON" };
  const head = Object.entries(common).map(([name, value]) => ` \\\n  --data-urlencode ${word(`${name}=${value}`)}`);
  return `# needs an emulator that was started with --signature ignore\ncurl -sG ${location.origin}/${head.join("")}${params.join("")}`;
}

export function asPython(call) {
  const text = (value) => JSON.stringify(String(value));
  const query = pairs(call).map(([name, value]) => `${text(name)}: ${text(value)}`);
  const scheme = location.protocol.replace(":", "");
  return `# pip install alibabacloud-tea-openapi
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

client = Client(Config(
    access_key_id=${text(call.account ?? "test")}, access_key_secret="test",
    endpoint=${text(location.host)}, protocol=${text(scheme)}))
params = Params(
    action=${text(call.action)}, version=${text(call.version ?? VERSION)}, protocol=${text(scheme)}, method="POST",
    auth_type="AK", style="RPC", pathname="/", req_body_type="formData", body_type="json")
answer = client.call_api(params, OpenApiRequest(query={${query.join(", ")}}), RuntimeOptions())
print(answer["body"])
`;
}
