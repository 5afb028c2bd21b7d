import { useCallback, useEffect, useRef, useState } from "react";

/** Time without a touch after which the controls go. */
const IDLE_MS = 3_000;

/** Whether nobody has touched anything for a while, where that matters; the function tells of a touch. */
export function useIdle(matters: boolean): [boolean, () => void] {
  const [idle, setIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onActivity = useCallback(() => {
    clearTimeout(timer.current);
    setIdle(false);
    timer.current = setTimeout(() => setIdle(true), IDLE_MS);
  }, []);
  useEffect(() => {
    if (!matters) return;
    timer.current = setTimeout(() => setIdle(true), IDLE_MS);
    return () => clearTimeout(timer.current);
  }, [matters]);
  return [idle && matters, onActivity];
}
