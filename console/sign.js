// Signs a call with signature V3 (ACS3-HMAC-SHA256) and sends it, as an SDK would.

const text = new TextEncoder();
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Browsers sign only where no one between can change the page: over https, and on this machine. */
export const canSign = () => globalThis.crypto?.subtle !== undefined;

const sha256 = async (value) => hex(await crypto.subtle.digest("SHA-256", text.encode(value)));

async function hmac(secret, value) {
  const key = await crypto.subtle.importKey("raw", text.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, text.encode(value)));
}

/** Percent-encoded as RFC 3986 has it. */
const encoded = (value) => encodeURIComponent(value).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** The headers of a signed call; `host` is in the signature and sent by the browser. */
async function sign({ action, version, params, key, secret, host, date, nonce }) {
  const query = Object.entries(params)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const headers = {
    host,
    "x-acs-action": action,
    "x-acs-content-sha256": await sha256(""),
    "x-acs-date": date,
    "x-acs-signature-nonce": nonce,
    "x-acs-version": version,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = ["POST", "/", query, lines, names.join(";"), headers["x-acs-content-sha256"]].join("\n");
  const toSign = `ACS3-HMAC-SHA256\n${await sha256(canonical)}`;
  const signature = await hmac(secret, toSign);
  headers.authorization = `ACS3-HMAC-SHA256 Credential=${key},SignedHeaders=${names.join(";")},Signature=${signature}`;
  delete headers.host;
  return { headers, query };
}

/** Sends a call: `{ status, headers, body }`, or an error if the connection broke. */
export async function call({ action, version, params, key, secret }) {
  const date = `${new Date().toISOString().slice(0, 19)}Z`;
  const signed = await sign({ action, version, params, key, secret, host: location.host, date, nonce: crypto.randomUUID() });
  const begun = performance.now();
  const response = await fetch(`/${signed.query ? `?${signed.query}` : ""}`, {
    method: "POST",
    headers: { ...signed.headers, accept: "application/json" },
    cache: "no-store",
  });
  const body = await response.text();
  let value = body;
  try {
    value = JSON.parse(body);
  } catch {
    // It is XML, or a fault damaged it.
  }
  return { status: response.status, took: performance.now() - begun, headers: Object.fromEntries(response.headers), body: value };
}
