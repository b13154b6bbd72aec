import { devNull } from 'node:os';

/**
 * Settings that hold for every git process, whoever the user is and whatever their own configuration says.
 * `safe.directory` counts only from the environment, never from the repository, and lets root serve anybody's directory.
 */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', devNull],
  ['core.quotePath', 'false'],
  ['core.fsync', 'none'], // scratch repositories: speed is worth more than surviving a power cut
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['receive.autogc', 'false'],
  ['receive.advertisePushOptions', 'true'],
  ['receive.denyDeleteCurrent', 'ignore'],
  ['receive.fsckObjects', 'true'],
  ['receive.unpackLimit', '100'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
  ['advice.detachedHead', 'false'],
];

/** Refs GitLab keeps for itself: a push to them is refused, and keep-around refs are not shown at all. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ['receive.hideRefs', 'refs/merge-requests'],
  ['receive.hideRefs', 'refs/pipelines'],
  ['receive.hideRefs', 'refs/environments'],
  ['transfer.hideRefs', 'refs/keep-around'],
  ['transfer.hideRefs', 'refs/tmp'],
];

function settingsAsEnvironment(): Record<string, string> {
  const settings = [...SETTINGS, ...HIDDEN];
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return environment;
}

const BASE: Readonly<Record<string, string>> = {
  ...settingsAsEnvironment(),
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  GIT_EDITOR: 'true',
  GIT_LITERAL_PATHSPECS: '1', // a file may be called `*.c` or `:(top)`
  GIT_AUTHOR_NAME: 'Sandbox',
  GIT_AUTHOR_EMAIL: 'sandbox@example.com',
  GIT_COMMITTER_NAME: 'Sandbox',
  GIT_COMMITTER_EMAIL: 'sandbox@example.com',
};

/** The whole environment of a git process on this bare repository: nothing of ours leaks in but PATH. */
export function gitEnvironment(directory: string, extra: Record<string, string> = {}): Record<string, string> {
  return { ...BASE, GIT_DIR: directory, ...extra };
}
