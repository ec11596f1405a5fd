import { CommandError, type Server } from './server.js';

/** Asks `INFO` once, for all or for `sections`; the function it returns gives a field, or throws what the question threw. */
export async function readInfo(server: Server, ...sections: readonly string[]): Promise<(field: string) => string> {
  try {
    const fields = parseFields(String(await server.send('INFO', ...sections)));
    return (field) => {
      const value = fields.get(field) ?? ABSENT.get(field);
      if (value === undefined) throw new CommandError('absent', `INFO ${field}`);
      return value;
    };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return () => {
      throw error;
    };
  }
}

/** Fields that only some servers have. */
const ABSENT = new Map([['server_name', 'redis']]);

/** The fields of a reply that has one on each line. */
export function parseFields(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('\r\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
  });
  return new Map(pairs);
}
