/** The system's time. The one place in the backend that reads the clock. */
export function systemNow(): Date {
  return new Date();
}
