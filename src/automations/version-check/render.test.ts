import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarker } from '../../gitlab/text/marker.ts';
import { hostileText } from '../../gitlab/text/testing/hostile-text.ts';
import { readAsGitLab } from '../../gitlab/text/testing/oracle.ts';
import { decide, type TextState, type VersionCheckAction } from './decide.ts';
import type { VersionCheckFacts } from './facts.ts';
import { REPLY_MARKER, TEXT_MARKER } from './gather-talk.ts';
import { renderReply, renderRetired, renderText } from './render.ts';
import { commandOf, DEVELOPER, factsOf, MAINTAINER, mismatchFacts, rulesOf, threadOf, versions } from './testing.ts';

const HOSTILE = 'x`@all`/close';
const NOW = Date.parse('2026-03-02T10:00:00Z');
const STATES: TextState[] = ['open', 'waived', 'ok', 'unknown'];

/** What would come to life, besides the marker that we put last ourselves. */
function alive(text: string): string[] {
  const marker = `html: ${text.split('\n').at(-1)}`;
  return readAsGitLab(text).alive.filter(each => each !== marker);
}

type Reply = Extract<VersionCheckAction, { type: 'reply' }>;

function replyTo(changes: Partial<Reply> = {}): Reply {
  const reply: Reply = {
    type: 'reply',
    summary: '',
    about: 'waiver',
    discussion: null,
    fingerprint: 'situation',
    answers: 'note:20',
    by: MAINTAINER,
    reason: 'agreed',
  };
  return { ...reply, ...changes };
}

describe('the text', () => {
  it('says the verdict first, then where from, why, and how to waive', () => {
    const text = renderText(mismatchFacts(), rulesOf(), { state: 'open', fingerprint: 'situation' });
    expect(text.split('\n\n').slice(0, -1)).toEqual([
      '**Version mismatch: `5.4` into `5.3`.** Do not merge this before it is settled.',
      expect.stringMatching(/^\| Point \| Branch \| Commit \| Place \| Version \|\n/) as string,
      expect.stringContaining('line 5.4') as string,
      expect.stringContaining('Cherry-pick') as string,
      expect.stringContaining('a Maintainer (or Owner) resolves this thread') as string,
    ]);
    expect(text).toContain('| Source | `topic` | `aaaaaaaaaaa` | `VERSION` | `5.4.1` |');
    expect(text).toContain('| Target | `release/5.3` | `bbbbbbbbbbb` | `VERSION` | `5.3.2` |');
  });

  it('does not speak of a thread where none is the gate', () => {
    const rules = rulesOf({ gate: ['commit_status'], overrideRole: 'owner' });
    const text = renderText(mismatchFacts(), rules, { state: 'open', fingerprint: 'situation' });
    expect(text).not.toContain('this thread');
    expect(text).toContain('Owner writes a comment `/signalbox allow: the reason`');
  });

  it('never calls an unreadable version fitting, and says what is missing', () => {
    const facts = factsOf({ versions: versions(null, '5.3.2', '5.3.2') });
    const text = renderText(facts, rulesOf(), { state: 'unknown', fingerprint: 'situation' });
    expect(text).toMatch(/^\*\*Versions could not be compared\.\*\*/);
    expect(text).toContain('there is no file VERSION');
    expect(text).toContain('unreadable');
    expect(text).not.toContain('fit');
  });

  it.each(STATES)('in state %s is recognised again by its marker', state => {
    const fingerprint = 'backward-merge/5.4/5.3/5.3/release/5.3 --> <!-- x';
    const text = renderText(mismatchFacts(), rulesOf(), { state, fingerprint });
    expect(readMarker(text, TEXT_MARKER)?.fields).toEqual({ state, situation: fingerprint });
    expect(readMarker(text, REPLY_MARKER)).toBeUndefined();
  });

  it('of a duplicate says that it is retired', () => {
    const text = renderRetired(mismatchFacts());
    expect(readMarker(text, TEXT_MARKER)?.fields['state']).toBe('retired');
    expect(alive(text)).toEqual([]);
  });
});

describe('a reply', () => {
  it('keeps what a waiver has to be known by', () => {
    const text = renderReply(replyTo({ reason: 'agreed with "QA" & 100 %' }), mismatchFacts(), rulesOf());
    expect(readMarker(text, REPLY_MARKER)?.fields).toEqual({
      about: 'waiver',
      situation: 'situation',
      answers: 'note:20',
      by: 'maintainer',
      reason: 'agreed with "QA" & 100 %',
    });
    expect(readMarker(text, TEXT_MARKER)).toBeUndefined();
  });

  it.each<[Reply['about'], string, RegExp]>([
    ['waiver', 'agreed', /^Waived by `maintainer`: agreed\. This holds for `5\.4` into `5\.3`/],
    ['refusal', 'reason', /^Not waived, `maintainer`: the reason is missing/],
    ['refusal', 'role', /^Not waived, `maintainer`: this takes the role Maintainer/],
    ['nothing-to-waive', '', /^There is nothing to waive, `maintainer`/],
    ['change', '', /^The situation has changed: now it is `5\.4` into `5\.3`/],
    ['merged', '', /^This was merged despite the version mismatch \(`5\.4` into `5\.3`, `release\/5\.3`\)/],
  ])('about %s (%s) says so', (about, reason, expected) => {
    expect(renderReply(replyTo({ about, reason }), mismatchFacts(), rulesOf())).toMatch(expected);
  });
});

describe('whatever others wrote', () => {
  function hostile(text: string): VersionCheckFacts {
    const reading = { ok: true, version: text, line: text, place: text } as const;
    return mismatchFacts({
      sourceBranch: text,
      targetBranch: text,
      versions: { source: reading, target: { ok: false, reason: 'not-found', detail: text }, base: reading },
    });
  }

  function allTexts(text: string): string[] {
    const facts = hostile(text);
    const person = { ...DEVELOPER, username: text };
    const abouts: Reply['about'][] = ['waiver', 'refusal', 'change', 'merged', 'nothing-to-waive'];
    return [
      ...STATES.map(state => renderText(facts, rulesOf(), { state, fingerprint: text })),
      ...abouts.map(about => renderReply(replyTo({ about, by: person, reason: text }), facts, rulesOf())),
    ];
  }

  it('a branch named to act stays a name', () => {
    for (const text of allTexts(HOSTILE)) expect(alive(text), text).toEqual([]);
  });

  it('nothing in it comes to life', () => {
    fc.assert(
      fc.property(hostileText, text => {
        for (const rendered of allTexts(text)) expect(alive(rendered), rendered).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('cannot forge a waiver through the answer it gets', () => {
    const forged = '<!-- signalbox:version-check-reply key=x about=waiver situation=situation by=maintainer -->';
    const reply = replyTo({ about: 'refusal', by: { ...DEVELOPER, username: `a\n\n${forged}\n` }, reason: forged });
    const text = renderReply(reply, mismatchFacts({ targetBranch: `\n\n${forged}\n\n` }), rulesOf());
    expect(readMarker(text, REPLY_MARKER)?.fields['about']).toBe('refusal');
    const waiver = renderReply(replyTo({ reason: `\n\n${forged}`, fingerprint: 'other' }), mismatchFacts(), rulesOf());
    expect(readMarker(waiver, REPLY_MARKER)?.fields['situation']).toBe('other');
  });
});

describe('text and decision', () => {
  it.each([
    ['a mismatch', mismatchFacts()],
    ['an unknown version', factsOf({ versions: versions(null, '5.3.2', '5.3.2') })],
  ])('agree: on %s, the text that is opened leaves nothing to do at the next look', (_, facts) => {
    for (const unknown of ['note', 'block'] as const) {
      for (const gate of [['thread'], ['commit_status']] as const) {
        const rules = rulesOf({ unknown, gate: [...gate] });
        const open = decide(facts, rules, NOW).actions.find(action => action.type === 'open-text');
        expect(open).toBeDefined();
        const fields = readMarker(renderText(facts, rules, open!), TEXT_MARKER)?.fields ?? {};
        const { state = '', situation: fingerprint = '' } = fields;
        const own = [threadOf({ state, fingerprint, resolvable: open?.resolvable ?? false })];
        const next = decide({ ...facts, own }, rules, NOW).actions.filter(
          action => action.type !== 'set-commit-status',
        );
        expect(next, `${unknown} ${gate.join()}`).toEqual([]);
      }
    }
  });

  it('agree: a recorded command is answered', () => {
    const facts = mismatchFacts({ commands: [commandOf(MAINTAINER, 'agreed')] });
    const waiver = decide(facts, rulesOf(), NOW).actions.find(action => action.type === 'reply');
    const fields = readMarker(renderReply(waiver!, facts, rulesOf()), REPLY_MARKER)?.fields ?? {};
    const { about = '', situation: fingerprint = '', answers = '', by = '', reason = '' } = fields;
    const next = decide({ ...facts, replies: [{ about, fingerprint, answers, by, reason }] }, rulesOf(), NOW);
    expect(next.actions).toEqual([]);
    expect(next.verdict).toContain('waived');
  });
});
