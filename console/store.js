// State that several parts of the page share, and hooks that draw a part again when its state changes.

import { useEffect, useReducer, useRef, useState } from "./dom.js";

export function createStore(initial) {
  let state = initial;
  const listeners = new Set();
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The state of a store; the component is drawn again when it changes. */
export function useStore(store) {
  const [, draw] = useReducer((count) => count + 1, 0);
  useEffect(() => store.subscribe(draw), [store]);
  return store.get();
}

/** Reads something again and again while the page is visible: `{ value, error, refresh }`. */
export function usePolled(read, pause, inputs) {
  const [result, setResult] = useState({ value: null, error: null });
  const refresh = useRef(() => {});
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    async function look() {
      clearTimeout(timer);
      if (!document.hidden) {
        try {
          const value = await read();
          if (!isOver) setResult({ value, error: null });
        } catch (error) {
          if (!isOver) setResult((last) => ({ value: last.value, error }));
        }
      }
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(look, pause);
    }
    refresh.current = look;
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, inputs);
  return { ...result, refresh: () => refresh.current() };
}

/** A command that is sent on a click: `[run, { isBusy, error, done }]`. */
export function useCommand() {
  const [state, setState] = useState({ isBusy: false, error: null, done: null });
  async function run(send) {
    setState({ isBusy: true, error: null, done: null });
    try {
      const done = await send();
      setState({ isBusy: false, error: null, done: done ?? null });
      return true;
    } catch (error) {
      setState({ isBusy: false, error, done: null });
      return false;
    }
  }
  return [run, state];
}

/** What the person has chosen for all parts: the account, or all accounts. */
export const chosen = createStore({ account: "" });
