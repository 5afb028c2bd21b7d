import { useRef } from "react";

/**
 * The `Idempotency-Key` of a request: the same for the same content, so that sending it again after a lost answer does nothing twice; another
 * one for another content, which the API would refuse under the old key.
 */
export function useAttempt(): (content: unknown) => string {
  const last = useRef({ content: "", key: "" });
  return (content) => {
    const text = JSON.stringify(content);
    if (last.current.content !== text) last.current = { content: text, key: crypto.randomUUID() };
    return last.current.key;
  };
}
