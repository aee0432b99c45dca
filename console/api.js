// Requests to the control API, with the token if there is one, and errors as the API words them.

import { useEffect, useState } from "./dom.js";
import { createStore } from "./store.js";

const ROOT = "/_emulator/";
const KEPT = "sas-emulator-control-token";

/** Whether the emulator demands its token, and what was wrong with the last one. */
export const access = createStore({ isAsked: false, wasRefused: false });

let token = sessionStorage.getItem(KEPT) ?? "";

/** Keeps the token as long as this tab is open. */
export function giveToken(given) {
  token = given;
  sessionStorage.setItem(KEPT, given);
  access.set({ isAsked: false, wasRefused: false });
}

/** What the API refused, with its hint. */
class ApiError extends Error {
  constructor(status, answer) {
    super(answer.message ?? `the emulator answered ${status}`);
    this.hint = answer.hint ?? "";
  }
}

/** Sends a request and returns the response, whatever it says. */
export async function send(method, path, { body, type = "application/json", signal } = {}) {
  const headers = {};
  const sent = token;
  if (sent) headers.authorization = `Bearer ${sent}`;
  if (body !== undefined) headers["content-type"] = type;
  const response = await fetch(ROOT + path, { method, headers, body, signal, cache: "no-store" });
  if (response.status === 401) {
    const { isAsked, wasRefused } = access.get();
    access.set({ isAsked: true, wasRefused: sent !== "" || (isAsked && wasRefused) });
    if (token === sent) token = "";
    sessionStorage.removeItem(KEPT);
  }
  if (response.ok) return response;
  const text = await response.text();
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    answer.message = text.slice(0, 300);
  }
  throw new ApiError(response.status, answer);
}

export async function get(path) {
  return (await send("GET", path)).json();
}

/** Reads what stays the same while the emulator runs: once, or until it could be read. */
export function useRead(path) {
  const [result, setResult] = useState({ value: null, error: null });
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    async function read() {
      try {
        const value = await get(path);
        if (!isOver) setResult({ value, error: null });
      } catch (error) {
        if (isOver) return;
        setResult({ value: null, error });
        timer = setTimeout(read, 5000);
      }
    }
    read();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [path]);
  return result;
}

/** Sends JSON, or a text with its type, and reads the answer. */
export async function change(method, path, body, type) {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return (await send(method, path, { body: text, type })).json();
}

/** `path` with the members of a query that are not empty. */
export function withQuery(path, members) {
  const given = Object.entries(members).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const query = new URLSearchParams(given).toString();
  return query ? `${path}?${query}` : path;
}
