import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { details } from '../../gitlab/text/details.ts';
import { blocks, markdown } from '../../gitlab/text/markdown.ts';
import { normalised, RUNS as TEXT_RUNS } from '../../gitlab/text/testing/expectations.ts';
import { hostileText } from '../../gitlab/text/testing/hostile-text.ts';
import { readAsGitLab } from '../../gitlab/text/testing/oracle.ts';
import { type Conversion, convertMail } from './convert-mail.ts';
import { hostileMail } from './testing/hostile-mail.ts';

/** A mail is some hundred times as much as a line. */
const RUNS = { numRuns: Math.ceil(TEXT_RUNS.numRuns / 4) };

const CONVERSION: Conversion = {
  gitlabHost: 'gitlab.example.com',
  freshdeskHosts: [],
  rules: [],
  limits: { input: 2_000_000, depth: 400, time: 60_000, output: 900_000 },
};

function converted(html: string, uploads: Parameters<typeof convertMail>[1] = new Map()) {
  return convertMail({ html, text: null }, uploads, CONVERSION);
}

const SPELLED_OUT = /⟨U\+[0-9A-F]{4,6}⟩/g;
const UNSEEN = /\s|\u200c|\u200d|\ufe0e|\ufe0f|␉/gu;

/** What is to be seen: without white space, and without the invisible characters that code spells out and text drops. */
function essence(text: string): string {
  return normalised(text, 'text').replace(SPELLED_OUT, '').replace(UNSEEN, '');
}

function readEssence(rendered: string): string {
  return rendered.replace(SPELLED_OUT, '').replace(UNSEEN, '');
}

describe('a hostile mail', () => {
  test('comes out inert and with every character that was to be seen', () => {
    fc.assert(
      fc.property(hostileMail, ({ html, seen }) => {
        const { text, quoted, fallback } = converted(html);
        expect(fallback).toBeNull();
        const reading = readAsGitLab(blocks(text, quoted ?? markdown``));
        expect(reading.alive, text).toEqual([]);
        expect(readEssence(reading.rendered), text).toBe(essence(seen));
      }),
      RUNS,
    );
  });

  test('cannot end the fold that it is put in, nor reach what follows', () => {
    fc.assert(
      fc.property(hostileMail, ({ html }) => {
        const reading = readAsGitLab(blocks(details('Quoted', converted(html).text), markdown`the end`));
        expect(reading.alive.filter(each => !/^html: <\/?details>/.test(each))).toEqual([]);
        expect(reading.rendered.endsWith('the end')).toBe(true);
      }),
      RUNS,
    );
  });

  test('is as inert as plain text', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const mail = convertMail({ html: null, text }, new Map(), CONVERSION);
        expect(readAsGitLab(blocks(mail.text, mail.quoted ?? markdown``)).alive).toEqual([]);
      }),
      RUNS,
    );
  });

  test('does no harm through the names of its images and the addresses of its links', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const attribute = (value: string) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
        const html = `<p><img src="https://acme.freshdesk.com/inline/attachment?token=1" alt="${attribute(one)}"><img src="https://x.example/${attribute(other)}" alt="${attribute(one)}"> <a href="https://x.example/${attribute(one)}">${other.replaceAll('<', '&lt;')}</a></p>`;
        const { text } = converted(
          html,
          new Map([
            [
              'https://acme.freshdesk.com/inline/attachment?token=1',
              { markdownUrl: '/uploads/0123/a b).png', name: other },
            ],
          ]),
        );
        const allowed =
          /^(?:link: \[[\s\S]*\]\(https:\/\/x\.example\/[^()<>\s]*\)|image: !\[[\s\S]*\]\(\/uploads\/0123\/a%20b%29\.png\))$/;
        expect(
          readAsGitLab(text).alive.filter(each => !allowed.test(each)),
          text,
        ).toEqual([]);
      }),
      RUNS,
    );
  });
});
