const PAUSE_MS = 25;

/** Looks until nothing is wrong; after `limitMs` it fails with what still is. A failure to look is wrong too. */
export async function untilWell(limitMs: number, look: () => Promise<string | undefined>): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    const wrong = await look().catch(String);
    if (wrong === undefined) return;
    if (performance.now() > end) throw new Error(`Not well within ${limitMs} ms: ${wrong}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
