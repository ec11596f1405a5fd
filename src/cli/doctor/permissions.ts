import type { Patient } from './check.js';
import { CommandError } from '../redis/server.js';

/** What the server says of a command that nobody runs. */
type Permission = 'may' | 'refused' | 'absent';

// The server judges each line for the user who asks, and runs none of them.
const ASK = `
local verdicts = {}
for i, line in ipairs(ARGV) do
  local words = {}
  for word in line:gmatch("%S+") do words[#words + 1] = word end
  local known, allowed = pcall(redis.acl_check_cmd, unpack(words))
  verdicts[i] = not known and "absent" or allowed and "may" or "refused"
end
return verdicts`;

/**
 * Which of these commands, arguments separated by spaces, this user may run; none of them is run. Asks by a script, which
 * needs no right that the cache does not need, else by `ACL DRYRUN`.
 * @throws CommandError when neither is allowed
 */
export async function permitted(patient: Patient, commands: readonly string[]): Promise<string[]> {
  const verdicts = await byScript(patient, commands).catch((error: unknown) => {
    if (error instanceof CommandError && error.failure !== 'silent') return byDryRun(patient, commands);
    throw error;
  });
  return commands.filter((_, i) => verdicts[i] === 'may');
}

async function byScript({ server }: Patient, commands: readonly string[]): Promise<readonly unknown[]> {
  return (await server.send('EVAL', ASK, '0', ...commands)) as readonly unknown[];
}

async function byDryRun({ server, place }: Patient, commands: readonly string[]): Promise<Permission[]> {
  const verdicts: Permission[] = [];
  for (const command of commands) verdicts.push(await dryRun(command));
  return verdicts;

  async function dryRun(command: string): Promise<Permission> {
    try {
      return (await server.send('ACL', 'DRYRUN', place.user, ...command.split(' '))) === 'OK' ? 'may' : 'refused';
    } catch (error) {
      if (error instanceof CommandError && error.failure === 'refused') return 'absent';
      throw error;
    }
  }
}
