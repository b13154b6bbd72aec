import fc from 'fast-check';
import type { Element, Root } from 'hast';
import rehypeParse from 'rehype-parse';
import { unified } from 'unified';
import { describe, expect, it } from 'vitest';
import { renderComment, type ShownMessage } from '../../src/automations/escalation/render-comment.ts';
import { renderIssue, renderTitle as renderIssueTitle } from '../../src/automations/escalation/render-issue.ts';
import { renderNote as renderTicketNote } from '../../src/automations/escalation/render-note.ts';
import { renderCustomers, renderSupport } from '../../src/automations/escalation/return-path/render-return.ts';
import type { ConsumerFacts } from '../../src/automations/library-tags/consumers/facts.ts';
import { renderDescription, renderTitle } from '../../src/automations/library-tags/consumers/render.ts';
import { renderTagMessage } from '../../src/automations/library-tags/render.ts';
import type { VersionFacts } from '../../src/automations/library-tags/shipping/facts.ts';
import { renderNote, renderRelease } from '../../src/automations/library-tags/shipping/render.ts';
import { renderDigest } from '../../src/automations/races/render-digest.ts';
import { blockText } from '../../src/gitlab/text/block-text.ts';
import { hostileText } from '../../src/gitlab/text/testing/hostile-text.ts';
import { aliveInPlainText, readAsGitLab } from '../../src/gitlab/text/testing/oracle.ts';

/**
 * Texts that we write into GitLab and Freshdesk, each with a hostile text in every field that comes from outside. Those of
 * version-check and races have the same beside them (`render.test.ts`).
 */
const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) };
const PAGE = 'https://acme.freshdesk.com/a/tickets/101';
const GITLAB = 'https://gitlab.example.com';

/** Ours: the marker in the last line, the links to addresses that we chose, the fold of a quotation. */
const OWN = [
  /^front matter: ---$/,
  /^html: <!-- signalbox:[\s\S]* -->$/,
  /^link: \[[\s\S]*\]\(https:\/\/(?:acme\.freshdesk\.com\/a\/tickets\/101|gitlab\.example\.com\/[^()<>\s]*)\)$/,
  /^link: \[[\s\S]*\]\(\/uploads\/0\/[^()<>\s]*\)$/,
  /^html: <\/?(?:details|summary)>/,
];

function expectInert(text: string): void {
  // Our own lines between parts are none at the beginning, and only there it would be front matter.
  expect(text.startsWith('---')).toBe(false);
  const alive = readAsGitLab(text).alive.filter(each => !OWN.some(own => own.test(each)));
  expect(alive, text).toEqual([]);
}

const elements = new Set(['div', 'b', 'a', 'ul', 'li', 'small', 'br', 'i']);

/** Freshdesk shows a note's HTML: nothing in it but our own few elements, and links to http(s) only. */
function expectPlainHtml(html: string): void {
  const open: (Root | Element)[] = [unified().use(rehypeParse, { fragment: true }).parse(html) as Root];
  for (let node = open.pop(); node; node = open.pop()) {
    for (const child of node.children) {
      if (child.type === 'text') continue;
      expect(child.type).toBe('element');
      const { tagName, properties } = child as Element;
      expect([tagName, elements.has(tagName)]).toEqual([tagName, true]);
      expect(Object.keys(properties).filter(name => !['href', 'rel'].includes(name))).toEqual([]);
      open.push(child as Element);
    }
  }
}

const every = (check: (text: string) => void) => fc.assert(fc.property(hostileText, check), RUNS);

function messageOf(text: string): ShownMessage {
  return {
    message: {
      id: 1,
      at: '2026-11-23T10:00:00Z',
      author: { id: 1, name: text, role: 'customer' },
      incoming: true,
      private: false,
      source: 0,
      automatic: false,
      length: 1,
      leftOut: null,
      copied: true,
      edited: false,
    },
    text: blockText(text),
    quoted: blockText(text),
    fallback: 'too large',
    files: [
      { name: text, size: 1, inline: false, result: null },
      { name: text, size: 1, inline: false, result: { state: 'not copied', reason: text } as never },
      {
        name: text,
        size: 1,
        inline: false,
        result: { state: 'copied', name: text, url: '/uploads/0/a.png', size: 1, sha256: 'a'.repeat(64) } as never,
      },
    ],
    removed: [],
  };
}

describe('what we write into GitLab does nothing but show', () => {
  it('comments of an escalated ticket', () => {
    every(text => {
      const message = messageOf(text);
      expectInert(renderComment({ messages: [1] } as never, [message], { key: 'ticket:acme/101', page: PAGE }));
      expectInert(
        renderComment({ messages: [1, 1] } as never, [message, message], {
          key: 'ticket:acme/101',
          page: PAGE,
          gone: 2,
        }),
      );
    });
  });

  it('the issue of a ticket, and its title', () => {
    every(text => {
      const { message: _message, ...body } = messageOf(text);
      const ticket = {
        id: 101,
        page: PAGE,
        subject: text,
        requester: text,
        company: text,
        status: 2,
        priority: 1,
        source: 1,
        type: text,
        tags: [text],
        createdAt: '2026-11-23T10:00:00Z',
        archived: false,
        unfit: null,
      };
      const complete = {
        messages: { copied: 1, all: 2, leftOut: 1 },
        files: body.files.map(file => ({ ...file, from: text })),
        removed: [],
      };
      for (const each of [null, complete])
        expectInert(renderIssue({ key: 'ticket:acme/101', ticket, requestedBy: text, body, complete: each }));
      expect(aliveInPlainText(renderIssueTitle({ id: 101 }, text))).toEqual([]);
      expectInert(
        renderCustomers('issue:acme/appliance#1', [{ domain: 'acme', ticket: 101, page: PAGE } as never], {
          'acme/101': text,
        }),
      );
    });
  });

  it('merge requests of consumers, notes of releases and of issues, and the digest of a day', () => {
    every(text => {
      const bump = {
        dir: text,
        path: text,
        from: text,
        to: text,
        library: 'acme/lib-ssh',
        tag: 'v1.4.3',
        unmet: [text],
      };
      const facts: ConsumerFacts = {
        project: 'acme/appliance',
        branch: text,
        state: 'there',
        head: 'h',
        bumps: [bump],
        change: '0'.repeat(16),
        ownBranch: null,
        request: null,
        vendored: true,
      };
      expectInert(renderDescription(facts, GITLAB));
      expect(aliveInPlainText(renderTitle(facts))).toEqual([]);
      const version: VersionFacts = {
        project: 'acme/lib-ssh',
        tag: 'v1.4.3',
        tagUrl: `${GITLAB}/acme/lib-ssh/-/tags/v1.4.3`,
        commit: 'c',
        base: text,
        state: 'ours',
        requests: [],
        subjects: [text],
        issues: [],
        hasRelease: false,
      };
      expectInert(renderRelease({ ...version, requests: [], subjects: [text] }));
      expectInert(renderNote({ ...version, requests: [], subjects: [], issues: [] }));
      const race = { title: text, count: 2, hosts: [text], why: text, fingerprint: 'f'.repeat(16) };
      const digest = {
        project: 'acme/appliance',
        day: '2026-11-23',
        label: 'race condition',
        confidential: false,
        count: 2,
        shown: [race],
        quiet: [text],
        issue: null,
      };
      expectInert(renderDigest(digest as never, 'state'));
    });
  });

  it('the message of a tag: nothing that acts on a terminal, or ends it for git', () => {
    every(text => {
      const message = renderTagMessage('v1.4.3', { message: text, parents: ['a', 'b'] }, {
        title: text,
        description: text,
        reference: 'acme/lib!1',
      } as never);
      expect(message.replaceAll(/[\n\r\t]/g, '')).not.toMatch(/\p{Cc}/u);
      expect(message).not.toMatch(/^-----BEGIN /m);
      expect(message.endsWith('\n')).toBe(true);
    });
  });
});

it('what we write into Freshdesk is our own few elements, and text', () => {
  every(text => {
    const issue = {
      project: text,
      iid: 1,
      url: `${GITLAB}/acme/appliance/-/issues/1`,
      state: 'opened',
      labels: [text],
    };
    expectPlainHtml(renderTicketNote({ ticket: 101, issue: issue as never, warnings: [text], lines: [text] }));
    expectPlainHtml(renderSupport({ author: text, text }, text, `${GITLAB}/x`));
  });
});
