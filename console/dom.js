// What the page takes from the vendored library, and two hooks that it lacks.

import { html, render, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "./vendor/htm-preact.js";

export { html, render, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState };

let last = 0;

/** An id for a heading or a field. */
export const useId = () => useMemo(() => `id${(last += 1)}`, []);

/** The height of an element, also after it changes. */
export function useHeight() {
  const ref = useRef(null);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setHeight(Math.ceil(entry.contentRect.height)));
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return [ref, height];
}
