import { afterAll, expect } from 'vitest';
import { chatText } from '../../src/freshdesk/mail/chat-text.ts';
import { type Conversion, convertMail, imagesOf } from '../../src/freshdesk/mail/convert-mail.ts';
import { createMailConverter } from '../../src/freshdesk/mail/mail-converter.ts';
import { blocks, markdown } from '../../src/gitlab/text/markdown.ts';
import { readAsGitLab } from '../../src/gitlab/text/testing/oracle.ts';
import { bombs, corpus, fuzz, fuzzJson, scaled } from './fuzz.ts';

const mails = corpus('mail');
const WORDS = [
  '<table><td>',
  '</blockquote>',
  '<pre>',
  '/close\n',
  '@all',
  '<!--',
  '-->',
  '&#0;',
  '&lt;',
  '```\n',
  '](',
  '<br>',
];
const CONVERSION: Conversion = {
  gitlabHost: 'gitlab.example.com',
  freshdeskHosts: ['acme.freshdesk.com'],
  rules: [],
  limits: { input: 2_000_000, depth: 400, time: 60_000, output: 900_000 },
};
const NONE = new Map();
/** A link of a mail stays a link, where its address can do nothing but be opened. */
const LINK = /^link: \[[\s\S]*\]\((?:https?:\/\/|mailto:)[^()<>\s]*\)$/;

function inert(text: string): void {
  expect(readAsGitLab(text).alive.filter(each => !LINK.test(each))).toEqual([]);
}

fuzz("a mail's HTML", {
  corpus: mails,
  words: WORDS,
  parse: bytes => {
    const html = bytes.toString('utf8');
    const { text, quoted } = convertMail({ html, text: null }, NONE, CONVERSION);
    inert(blocks(text, quoted ?? markdown``));
    for (const { kind, url, attachmentId } of imagesOf(html, CONVERSION)) {
      if (kind === 'inline') expect(new URL(url).hostname).toMatch(/(?:^|\.)(?:freshdesk|amazonaws)\.com$/);
      expect(attachmentId === null || (kind === 'inline' && attachmentId > 0)).toBe(true);
    }
  },
});

fuzz("a mail's text", {
  corpus: mails,
  words: WORDS,
  parse: bytes => {
    const { text, quoted } = convertMail({ html: null, text: bytes.toString('utf8') }, NONE, CONVERSION);
    inert(blocks(text, quoted ?? markdown``));
  },
});

fuzzJson("the parts of a chat's message", {
  corpus: [
    {
      body_contents: [
        { type: 'text', data: { content: 'hello' } },
        { type: 'image', data: { url: 'https://x.example/' } },
      ],
    },
    { body_contents: [] },
  ],
  parse: value => {
    expect(['string', 'object']).toContain(typeof chatText(value));
  },
});

const converter = createMailConverter({ gitlabUrl: 'https://gitlab.example.com', limits: { time: 2000 }, workers: 1 });
afterAll(() => converter.close());

fuzz("a mail's HTML, in its thread", {
  corpus: mails,
  words: WORDS,
  share: 0.2,
  parse: async bytes => {
    const html = bytes.toString('utf8');
    const { text, quoted } = await converter.convert({ html, text: null }, { uploads: NONE });
    inert(blocks(text, quoted ?? markdown``));
  },
});

bombs(
  "a mail's HTML, in its thread",
  {
    'elements in one another': () => Buffer.from('<b><p>'.repeat(scaled(30_000))),
    'tables in one another': () => Buffer.from('<table><tr><td>'.repeat(scaled(20_000))),
    'a million attributes': () => Buffer.from(`<p ${'a=1 '.repeat(scaled(250_000))}>x</p>`),
    'a style without an end': () => Buffer.from(`<p style="${'width:1;'.repeat(scaled(100_000))}">x</p>`),
    'quotes in quotes': () => Buffer.from('<blockquote>x'.repeat(300)),
    'a list of lists': () => Buffer.from('<ul><li>x'.repeat(350)),
    'half a million stars': () => Buffer.from(`<p>${'*'.repeat(scaled(500_000))}</p>`),
    'lines that look like the start of a quote': () => Buffer.from('<p>On Mon, x wrote:</p>'.repeat(scaled(20_000))),
    backticks: () => Buffer.from(`<code>${'`'.repeat(scaled(500_000))}</code>`),
  },
  async bytes => {
    const { text } = await converter.convert({ html: bytes.toString('utf8'), text: null }, { uploads: NONE });
    expect(text.length).toBeLessThan(1_000_000);
  },
);
