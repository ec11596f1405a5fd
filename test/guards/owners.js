/** What each fact is read through: one owner per fact, and everybody else is handed it. */
export const OWNERS = [
  { owns: ['time', 'timers'], files: ['src/primitives/clock.ts'] },
  // The backend is a customer of the package and has a clock of its own.
  { owns: ['time'], files: ['src/app/analytics/now.ts'] },
  // The command line is another customer, a program of its own.
  { owns: ['time', 'timers'], files: ['src/cli/clock.ts'] },
  { owns: ['environment'], files: ['src/cli/main.ts'] },
  // The page of the dashboard runs in a browser.
  { owns: ['time', 'timers'], files: ['src/dashboard/page/clock.ts'] },
  // Whether this is production, and what the doctor is given.
  { owns: ['environment'], files: ['src/dashboard/surroundings.ts'] },
  { owns: ['random'], files: ['src/primitives/random.ts'] },
  { owns: ['environment'], files: ['src/app/config/**/*.ts'] },
];

const TIME = 'Read the time through the Clock (src/primitives/clock.ts).';
const TIMERS = 'Set timers through the Clock (src/primitives/clock.ts).';
const RANDOM = 'Take random values from src/primitives/random.ts.';
const ENVIRONMENT = 'Read the environment in src/app/config only and pass options on.';

const RESTRICTIONS = {
  time: [
    { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: TIME },
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: TIME },
    { selector: 'CallExpression[callee.name="Date"]', message: TIME },
    { selector: 'MemberExpression[object.name="performance"]', message: TIME },
    { selector: 'MemberExpression[object.name="process"][property.name=/^(hrtime|uptime)$/]', message: TIME },
    { selector: '[source.value=/^(node:)?perf_hooks$/]', message: TIME },
  ],
  timers: [
    { selector: 'CallExpression[callee.name=/^set(Timeout|Interval)$/]', message: TIMERS },
    {
      selector: 'MemberExpression[object.name="globalThis"][property.name=/^set(Timeout|Interval)$/]',
      message: TIMERS,
    },
    { selector: 'MemberExpression[object.name="AbortSignal"][property.name="timeout"]', message: TIMERS },
    { selector: '[source.value=/^(node:)?timers/]', message: TIMERS },
  ],
  random: [
    { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: RANDOM },
    { selector: 'MemberExpression[object.name=/crypto$/i][property.name=/^(random|getRandom)/]', message: RANDOM },
    {
      selector:
        'ImportDeclaration[source.value=/^(node:)?crypto$/] > ImportSpecifier[imported.name=/^(random|getRandom)/]',
      message: RANDOM,
    },
  ],
  environment: [
    { selector: 'MemberExpression[object.name="process"][property.name="env"]', message: ENVIRONMENT },
    { selector: 'MemberExpression[object.name="process"][property.value="env"]', message: ENVIRONMENT },
    { selector: 'VariableDeclarator[init.name="process"] Property[key.name="env"]', message: ENVIRONMENT },
    { selector: '[source.value=/^(node:)?process$/]', message: ENVIRONMENT },
  ],
};

/** The lint rule that forbids everything but what `owned` names. */
export function restrictionsExcept(owned) {
  const selectors = Object.entries(RESTRICTIONS).flatMap(([fact, list]) => (owned.includes(fact) ? [] : list));
  return { 'no-restricted-syntax': ['error', ...selectors] };
}
