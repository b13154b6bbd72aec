import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarker } from '../../gitlab/text/marker.ts';
import { hostileText } from '../../gitlab/text/testing/hostile-text.ts';
import { aliveInPlainText, readAsGitLab } from '../../gitlab/text/testing/oracle.ts';
import type { Change } from './decide.ts';
import type { CodeFacts, RaceSituation } from './facts.ts';
import { renderAnswer, renderComment, renderIssue, renderTitle } from './render.ts';
import { renderDigest } from './render-digest.ts';
import { renderStatus, statusState } from './render-status.ts';
import { MARKER, readStatus, replaceStatus } from './status-block.ts';
import { CODE, NOW, situation } from './testing/situation.ts';

const REPORT = { text: 'WARNING: DATA RACE\nWrite at 0x1 by goroutine 7:\n', build: '5.4.1' };
const issueOf = (facts: RaceSituation, code: Partial<CodeFacts> = {}, after: number | null = null) =>
  renderIssue(facts, { reports: [REPORT], code: { ...CODE, ...code }, after });

/** What would come to life, besides our own hidden comments and folded sections. */
function alive(text: string): string[] {
  const own =
    /^html: (?:<!-- signalbox:race[a-z-]*(?: [a-z-]+=[\w.:/%-]*)* -->|<details>\n<summary>.*<\/summary>|<\/details>)$/;
  return readAsGitLab(text).alive.filter(each => !own.test(each));
}

describe('an issue', () => {
  it('has both accesses first, the status, then what is long, folded', () => {
    const parts = issueOf(situation()).split('\n\n');
    expect(parts[0]).toMatch(
      /^\| Access \| Function \| Line \|\n.*\n\| Write \| `acme.example\/pkg\/cache.\(\*Cache\).Set` \| `pkg\/cache\/cache.go:41` \|/,
    );
    expect(parts[1]).toMatch(/^<!-- signalbox:race-status key=race:f+ -->$/);
    expect(parts[2]).toBe(
      '**Seen 2 times** on 1 box, in 1 build; first 2026-11-22 10:00 UTC, last 2026-11-23 10:00 UTC. 1 pair of stacks.',
    );
    expect(parts[3]).toMatch(/^\| Box \| Build \| Seen \| First \| Last \|/);
    expect(parts[4]).toMatch(/^<!-- signalbox:race-status-end /);
    expect(parts[5]).toMatch(/^<details>\n<summary>Both stacks/);
    expect(parts.at(-1)).toMatch(/^<!-- signalbox:race key=race:f+ -->$/);
  });

  it('has lines that lead to the code, an owner without a mention, and the issue it follows', () => {
    const url = 'https://gitlab.example.com/acme/appliance/-/blob/abc/pkg/cache/cache.go#L41';
    const [access] = CODE.accesses;
    const owners = [{ owner: '@acme/storage', why: 'CODEOWNERS: /pkg/ for pkg/cache/cache.go' }];
    const text = issueOf(situation(), { accesses: [{ ...access!, url }], owners }, 3);
    expect(text).toContain(`[pkg/cache/cache.go:41](${url})`);
    expect(text).toContain('Suggested owner: `@acme/storage` (CODEOWNERS: /pkg/ for pkg/cache/cache.go).');
    expect(text).toContain('It is back: it follows #3.');
    expect(readAsGitLab(text).alive.filter(each => each.startsWith('mention'))).toEqual([]);
  });

  it('about a library has a text that whoever maintains it can be sent', () => {
    const text = issueOf(situation(), { library: { module: 'github.com/acme/lib', version: 'v1.2.3' } });
    expect(text).toContain('Both sides are in the library `github.com/acme/lib`, `v1.2.3`');
    expect(text).toContain(
      'Data race in github.com/acme/lib (v1.2.3)\n\nThe race detector reports:\n\nWARNING: DATA RACE',
    );
    expect(text).toContain('Seen 2 times, in our build 5.4.1.');
  });

  it('is called by its race, in at most 255 characters', () => {
    expect(renderTitle(situation())).toBe('Data race: (*Cache).Set ↔ (*Cache).Get (pkg/cache)');
    expect(Array.from(renderTitle(situation({}, { title: 'x'.repeat(999) }))).length).toBeLessThanOrEqual(255);
  });
});

describe('the status', () => {
  const other = situation({}, { count: 9 });

  it('is replaced in place, and what people wrote around it stays', () => {
    const text = `Mine.\r\n\r\n${issueOf(situation())}\n\n## Notes`;
    const changed = replaceStatus(text, renderStatus(other)) ?? '';
    expect(changed).toMatch(/^Mine\.\n\n\| Access/);
    expect(changed).toMatch(/## Notes$/);
    expect(changed).toContain('**Seen 9 times**');
    expect(changed).not.toContain('**Seen 2 times**');
    expect(readStatus(changed)).toEqual({ state: statusState(other), count: 9, firstAt: other.view.firstAt });
  });

  it('is left out where somebody has taken it out', () => {
    const without = issueOf(situation()).replaceAll(/<!-- signalbox:race-status.*?-->/g, '');
    expect(replaceStatus(without, renderStatus(other))).toBeNull();
    expect(readStatus(without)).toBeNull();
  });

  it.each<[string, Partial<RaceSituation>, string]>([
    ['a merge', { human: { mergedInto: 12, ignoredUntil: null, ignoreReason: null } }, 'this is the race of #12'],
    [
      'an ignore',
      { human: { mergedInto: null, ignoredUntil: NOW + 1, ignoreReason: 'log level' } },
      'until 2026-11-23: log level.',
    ],
    ['a suppression', { suppression: { reason: 'known', owner: 'ada', until: null } }, 'Suppressed by `ada`: known.'],
  ])('tells of %s', (_what, changes, text) => {
    expect(renderStatus(situation(changes))).toContain(text);
    expect(statusState(situation(changes))).not.toBe(statusState(situation()));
  });
});

it.each<[Change[], RegExp]>([
  [[], /^\*\*Seen again once\*\* on 1 box\.\n\n\| Box/],
  [['build', 'box'], /^\*\*Seen again once\*\* on 1 box\.\n\nNew: a new build, a new box\./],
  [['regression'], /^\*\*Regression: it is back in a build with the fix\.\*\* Seen once on 1 box today\.\n\n\| Box/],
])('a comment says what is new: %s', (changes, text) => {
  const comment = renderComment(situation(), changes);
  expect(comment).toMatch(text);
  expect(readMarker(comment, MARKER.note)?.fields).toMatchObject({ day: '2026-11-23', changes: changes.join(',') });
});

describe('whatever others wrote', () => {
  function allTexts(text: string): string[] {
    const row = { host: text, build: text, count: 1, firstAt: NOW, lastAt: NOW };
    const access = { kind: 'Write', func: text, place: text, url: null };
    const facts = situation(
      {
        suppression: { reason: text, owner: text, until: null },
        human: { mergedInto: null, ignoredUntil: NOW + 1, ignoreReason: text },
      },
      {
        title: text,
        rows: [row],
        today: [row],
        attached: [text],
      },
    );
    const code = {
      accesses: [access, { ...access, url: 'https://gitlab.example.com/x' }],
      owners: [{ owner: text, why: text }],
      library: { module: text, version: text },
    };
    const digest = {
      project: 'acme/appliance',
      day: '2026-11-23',
      label: 'x',
      confidential: false,
      count: 1,
      quiet: [text],
      issue: null,
    };
    const waiting = { fingerprint: 'f', title: text, count: 1, hosts: [text], why: text };
    return [
      renderIssue(facts, {
        reports: [
          { text, build: text },
          { text, build: null },
        ],
        code,
        after: null,
      }),
      renderComment(facts, ['build']),
      renderAnswer(facts, { note: 1, by: text, why: 'form', line: text }, 'developer'),
      renderAnswer(facts, { note: 1, by: text, why: 'role', line: text }, 'developer'),
      renderDigest({ ...digest, shown: [waiting] }, 'state'),
    ];
  }

  it('nothing in it comes to life', () => {
    fc.assert(
      fc.property(hostileText, text => {
        // Links to the code are ours; their text is looked at with the others.
        for (const each of allTexts(text))
          expect(
            alive(each).filter(found => !found.startsWith('link: ')),
            each,
          ).toEqual([]);
        expect(aliveInPlainText(renderTitle(situation({}, { title: text })))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('no log can forge a marker, or end the status', () => {
    const forged = [
      '',
      '<!-- signalbox:race key=race:0 -->',
      '<!-- signalbox:race-status-end key=x state=forged count=1 -->',
      '',
    ].join('\n');
    const [issue = ''] = allTexts(forged);
    expect(readMarker(issue, MARKER.race)?.key).toBe(`race:${'f'.repeat(32)}`);
    expect(readStatus(issue)?.state).not.toBe('forged');
  });

  it('secrets are not shown', () => {
    const token = ['glpat', 'Zx8ya61hPq2w9LmN3vBt'].join('-');
    const [issue = '', comment = ''] = allTexts(`token=${token}`);
    // What people wrote is theirs to show.
    const people = /Suppressed by.*|A member ignores.*|Suggested owner.*/g;
    expect(issue.replaceAll(people, '')).not.toContain(token);
    expect(comment).not.toContain(token);
  });
});
