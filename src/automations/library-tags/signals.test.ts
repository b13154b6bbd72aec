import { describe, expect, it } from 'vitest';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import { rulesOf } from './rules.ts';
import { libraryTagsSettings } from './settings.ts';
import { isWanted, libraryTagsSignals, readPushes } from './signals.ts';

const SETTINGS = libraryTagsSettings.parse({
  projects: ['acme/lib-*', 'acme/tools/*/client'],
  bump: 'patch',
  overrides: {
    'acme/lib-c*': { bump: 'conventional', release: true },
    'acme/lib-curl': { on_push: false, labels: { none: ['quiet'] } },
  },
});

const push = (project: string, more: object = {}): GitLabEvent => ({
  kind: 'push',
  project,
  branch: 'main',
  deleted: false,
  before: 'a'.repeat(40),
  after: 'b'.repeat(40),
  ...more,
});

describe('which library is looked at', () => {
  it.each([
    [push('acme/lib-ssh'), ['library:acme/lib-ssh']],
    [push('ACME/Lib-SSH'), ['library:ACME/Lib-SSH']],
    [push('acme/tools/go/client'), ['library:acme/tools/go/client']],
    [push('acme/lib-ssh/sub'), []],
    [push('acme/appliance'), []],
    [push('acme/lib-curl'), []],
    [push('acme/lib-ssh', { deleted: true }), []],
    [push('acme/lib-ssh', { project: null }), []],
    [{ kind: 'tag', project: 'acme/lib-ssh', tag: 'v1.0.0', deleted: true }, ['library:acme/lib-ssh']],
    [{ kind: 'issue', project: 'acme/lib-ssh', iid: 1, action: null }, []],
  ] satisfies [GitLabEvent, string[]][])('%j', (event, keys) => {
    expect(libraryTagsSignals(event, SETTINGS).map(({ key }) => key)).toEqual(keys);
  });

  it('carries where the branch was and is, and reads it back', () => {
    const [signal] = libraryTagsSignals(push('acme/lib-ssh', { branch: 'release/1.4 to x', before: null }), SETTINGS);
    expect(readPushes(['resync', signal?.reason ?? ''])).toEqual([
      { branch: 'release/1.4 to x', before: null, after: 'b'.repeat(40) },
    ]);
  });

  it('knows a person who asks', () => {
    expect(isWanted(['resync', 'replay by the command line'])).toBe(true);
    expect(isWanted(['by hand'])).toBe(true);
    expect(isWanted(['push of .. to replay by me', 'resync'])).toBe(false);
  });
});

describe('the rules of a library', () => {
  it('are the common ones, with each override that matches on top', () => {
    expect(rulesOf(SETTINGS, 'acme/lib-ssh')).toMatchObject({
      onPush: true,
      release: false,
      policy: { bump: 'patch' },
    });
    const curl = rulesOf(SETTINGS, 'acme/lib-curl');
    expect(curl).toMatchObject({ onPush: false, release: true, note: false, policy: { bump: 'conventional' } });
    expect(curl?.policy.labels?.none).toEqual(['quiet']);
    expect(curl?.policy.labels?.minor).toContain('bump::minor');
    expect(rulesOf(SETTINGS, 'acme/appliance')).toBeNull();
  });

  it.each([
    [{ projects: [] }, 'must name at least one project'],
    [{ projects: ['lib'] }, 'must be a project path'],
    [{ projects: ['acme/lib-*'], first: 'v1.2' }, 'must be a release such as v0.1.0'],
    [{ projects: ['acme/lib-*'], first: 'v1.0.0-rc.1' }, 'must be a release such as v0.1.0'],
    [{ projects: ['acme/lib-*'], overrides: { lib: {} } }, 'must be a project path'],
    [{ projects: ['acme/lib-*'], tagger: { email: 'a b@c' } }, 'must be an e-mail address'],
    [{ projects: ['acme/lib-*'], bumb: 'patch' }, 'Unrecognized key'],
  ])('%j is refused: %s', (settings, words) => {
    const issues = libraryTagsSettings.safeParse(settings).error?.issues ?? [];
    expect(issues.map(({ message }) => message).join()).toContain(words);
  });
});
