import { describe, expect, it } from 'vitest';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import { versionCheckSettings } from './settings.ts';
import { versionCheckSignals } from './signals.ts';

const settings = versionCheckSettings.parse({ projects: { 'acme/appliance': { version: [{ file: 'VERSION' }] } } });
const project = 'acme/appliance';

function keys(event: GitLabEvent): string[] {
  return versionCheckSignals(event, { settings, lines: [] }).map(signal => signal.key);
}

describe('an event makes worth a look', () => {
  it.each<[string, GitLabEvent, string[]]>([
    [
      'the merge request, whatever was done to it',
      { kind: 'merge-request', project, iid: 7, action: 'update' },
      ['merge-request:acme/appliance!7'],
    ],
    [
      'the merge request, also without an action',
      { kind: 'merge-request', project, iid: 7, action: null },
      ['merge-request:acme/appliance!7'],
    ],
    [
      'the merge request that was commented on',
      { kind: 'note', project, on: 'merge-request', iid: 7 },
      ['merge-request:acme/appliance!7'],
    ],
    [
      'the branch that moved, for it may be a target',
      { kind: 'push', project, branch: 'release/5.3', deleted: false, before: null, after: null },
      ['target-branch:acme/appliance:release/5.3'],
    ],
    ['nothing: a comment on an issue', { kind: 'note', project, on: 'issue', iid: 7 }, []],
    ['nothing: a comment on nothing known', { kind: 'note', project, on: 'merge-request', iid: null }, []],
    ['nothing: an issue', { kind: 'issue', project, iid: 7, action: 'open' }, []],
    ['nothing: a tag', { kind: 'tag', project, tag: 'v1', deleted: false }, []],
    ['nothing: an unknown event', { kind: 'other', project, name: 'pipeline' }, []],
    ['nothing: another project', { kind: 'merge-request', project: 'acme/other', iid: 7, action: 'open' }, []],
    ['nothing: an event of no project', { kind: 'merge-request', project: null, iid: 7, action: 'open' }, []],
  ])('%s', (_, event, expected) => {
    expect(keys(event)).toEqual(expected);
  });

  it('the project in any case, as GitLab reads paths, under the one key that resync uses', () => {
    expect(keys({ kind: 'merge-request', project: 'Acme/Appliance', iid: 7, action: 'open' })).toEqual([
      'merge-request:acme/appliance!7',
    ]);
  });

  it('with the reason that explain shows', () => {
    const event = { kind: 'merge-request', project, iid: 7, action: 'reopen' } as const;
    expect(versionCheckSignals(event, { settings, lines: [] })[0]?.reason).toBe('merge request event: reopen');
  });
});
