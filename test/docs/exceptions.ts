import { spawnSync } from 'node:child_process';

/**
 * What a test does otherwise than a reader of the documentation. Every command that is not named here is run as it stands, and has to
 * end with 0; an entry that no page needs any more fails the test.
 */
interface OnPage {
  page: string;
  /** The beginning of the command. */
  command: string;
  why: string;
}

/** Commands that are not run; `without` a program, only where that is missing, and never in CI. */
const NOT_RUN: readonly (OnPage & { without?: string })[] = [
  { page: 'README.md', command: 'npm ci && npm run demo', why: '.ci/run does it' },
  { page: 'README.md', command: 'npm run demo -- --once', why: '.ci/run does it' },
  { page: 'README.md', command: 'npm test', why: 'this is a part of it' },
  { page: 'CONTRIBUTING.md', command: 'npm', why: '.ci/run does it, or a test of its own' },
  { page: 'CONTRIBUTING.md', command: 'bash .ci/run', why: 'this is a part of it' },
  { page: 'docs/tutorial.md', command: 'npm', why: '.ci/run does it' },
  { page: 'docs/install.md', command: 'npm', why: 'minutes; test/e2e/installed.test.ts does it' },
  {
    page: 'docs/install.md',
    command: 'minisign',
    why: 'needs a published release; test/supply/minisign.test.ts does it',
  },
  { page: 'docs/reliability.md', command: 'npm run test:soak', why: 'half an hour; its judge has a test of its own' },
  { page: 'docs/reliability.md', command: 'npm run test:chaos', why: 'minutes; test/chaos/chaos.test.ts does it' },
  { page: 'docs/postgresql.md', command: 'systemctl', why: 'needs systemd as the first process' },
  { page: 'docs/operations.md', command: 'pg_dump', without: 'pg_dump', why: 'Debian: postgresql-client' },
  { page: 'docs/operations.md', command: 'pg_restore', without: 'pg_restore', why: 'the same' },
];

/** Commands that end with 1, as they should, and what they print then. */
const ENDS_WITH_1: readonly (OnPage & { prints: string })[] = [
  { page: 'docs/races.md', command: 'kubectl', prints: 'Data race: ', why: 'there is a race, and --fail-on-race' },
];

/** Commands that go on until they are ended, and what they print when they are ready. */
const GOES_ON: Readonly<Record<string, RegExp>> = {
  'signalbox serve': /the service is ready/,
  'signalbox sandbox': /Ctrl-C ends it/,
};

/** Commands for a service that is stopped, or a second one: they get a directory of data beside the running one's. */
const BESIDE: Readonly<Record<string, string>> = {
  'signalbox serve': 'second',
  'signalbox restore': 'stopped',
  'signalbox database move': 'stopped',
};

export function isNotRun(page: string, command: string): boolean {
  const entry = NOT_RUN.find(each => applies(each, page, command));
  if (entry?.without === undefined) return entry !== undefined;
  const missing = spawnSync(entry.without, ['--version']).error !== undefined;
  if (missing && process.env['CI']) throw new Error(`${entry.without} is missing, which ${page} needs (${entry.why})`);
  if (missing) console.warn(`NOT RUN: ${entry.without} is missing (${entry.why}), so a command of ${page} was not run`);
  return missing;
}

/** What it prints when it ends with 1; undefined where it has to end with 0. */
export function endsWith1(page: string, command: string): string | undefined {
  return ENDS_WITH_1.find(each => applies(each, page, command))?.prints;
}

export function goesOn(command: string): RegExp | undefined {
  return Object.entries(GOES_ON).find(([beginning]) => isCall(command, beginning))?.[1];
}

export function runsBeside(command: string): string | undefined {
  return Object.entries(BESIDE).find(([beginning]) => isCall(command, beginning))?.[1];
}

/** Entries that fit none of these commands any more. */
export function unneeded(commands: readonly { page: string; text: string }[]): string[] {
  const onPages = [...NOT_RUN, ...ENDS_WITH_1].filter(
    each => !commands.some(({ page, text }) => applies(each, page, text)),
  );
  const calls = [...Object.keys(GOES_ON), ...Object.keys(BESIDE)].filter(
    beginning => !commands.some(({ text }) => isCall(text, beginning)),
  );
  return [...onPages.map(({ page, command }) => `${page}: ${command}`), ...calls];
}

function applies({ page, command }: OnPage, onPage: string, text: string): boolean {
  return page === onPage && text.startsWith(command);
}

function isCall(command: string, beginning: string): boolean {
  return command.startsWith(beginning) || command.startsWith(`npx ${beginning}`);
}
