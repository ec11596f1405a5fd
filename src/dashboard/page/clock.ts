/** The time and timers of the browser. */
export const clock = {
  now: (): number => Date.now(),
  /** Calls `work` every `ms` until the returned function is called. */
  every(ms: number, work: () => void): () => void {
    const timer = setInterval(work, ms);
    return () => {
      clearInterval(timer);
    };
  },
  /** Calls `work` once after `ms`, unless the returned function is called before. */
  after(ms: number, work: () => void): () => void {
    const timer = setTimeout(work, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
