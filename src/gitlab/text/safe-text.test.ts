import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { blockText } from './block-text.ts';
import { codeBlock } from './code-block.ts';
import { codeSpan } from './code-span.ts';
import { details } from './details.ts';
import { inlineText } from './inline-text.ts';
import { link } from './link.ts';
import { blocks, inline, joinInline, markdown } from './markdown.ts';
import { marker, readMarker } from './marker.ts';
import { table } from './table.ts';
import { hostileText } from './testing/hostile-text.ts';
import { aliveInPlainText, readAsGitLab } from './testing/oracle.ts';
import { titleText } from './title-text.ts';

/** FUZZ_RUNS=100000 for a long hunt; fast-check prints the seed of what it finds. */
const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) };
const INLINE_NODES = ['root', 'paragraph', 'text', 'inlineCode'];

/** The documented normalisation, spelt out a second time and character by character. */
function normalised(text: string, what: 'text' | 'code'): string {
  const broken = text
    .toWellFormed()
    .replace(/\r\n/g, '\n')
    .replace(/[\r\v\f\u0085\u2028\u2029]/g, '\n');
  return Array.from(broken, character => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n' || character === '\t' || character === ' ') return character;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '␡';
    const spelled = `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    if (code < 0xa0 && code > 0x7f) return spelled;
    const invisible = /\p{Default_Ignorable_Code_Point}/u.test(character) || (code >= 0xfff9 && code <= 0xfffb);
    if (what === 'code') return invisible || /\s/.test(character) ? spelled : character;
    return invisible && ![0x200c, 0x200d, 0xfe0e, 0xfe0f].includes(code) ? '' : character;
  }).join('');
}

function folded(text: string): string {
  return normalised(text, 'text').split(/\s+/).filter(Boolean).join(' ');
}

function paragraphs(text: string): string {
  const lines = normalised(text, 'text').split('\n').map(folded);
  return lines
    .join('\n')
    .split(/\n{2,}/)
    .map(each => each.replace(/^\n+|\n+$/g, ''))
    .filter(Boolean)
    .join('\n\n');
}

function codeContent(text: string): string {
  return normalised(text, 'code').replaceAll('\n', ' ').replaceAll('\t', '␉') || ' ';
}

/** Inert, and only such nodes. */
function expectInert(source: string, allowed: readonly string[]): string {
  const reading = readAsGitLab(source);
  expect(reading.alive, source).toEqual([]);
  expect(
    [...reading.nodes].filter(node => !allowed.includes(node)),
    source,
  ).toEqual([]);
  return reading.rendered;
}

describe('inlineText', () => {
  test('is inert and renders as it was written', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(expectInert(inlineText(text), INLINE_NODES)).toBe(folded(text));
      }),
      RUNS,
    );
  });

  test('is inert in the middle of our own text, and next to itself', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const source = inline`Merges ${inlineText(one)}${codeSpan(other)} into ${codeSpan(one)}${inlineText(other)}.`;
        const rendered = expectInert(source, INLINE_NODES).replaceAll(' ', '');
        const expected = `Merges${folded(one)}${codeContent(other)}into${codeContent(one)}${folded(other)}.`;
        expect(rendered).toBe(expected.replaceAll(' ', ''));
      }),
      RUNS,
    );
  });

  test('says the same to a second parser', () => {
    const other = new MarkdownIt({ html: true });
    fc.assert(
      fc.property(hostileText, text => {
        const [inlineToken] = other.parse(`x ${inlineText(text)}`, {}).filter(token => token.type === 'inline');
        const children = inlineToken?.children ?? [];
        expect(children.filter(token => !['text', 'code_inline'].includes(token.type))).toEqual([]);
        expect(children.map(token => token.content).join('')).toBe(`x ${folded(text)}`.trimEnd());
      }),
      RUNS,
    );
  });

  test.each([
    ['Hi @all, see #123', 'Hi \\@all, see \\#123'],
    ['/close', '\\/close'],
    ['snake_case and _this_', 'snake_case and \\_this\\_'],
    ['see [issue:1] (https://x.y/z).', 'see `[issue:1]` (`https://x.y/z`).'],
    ['10:01:22 aa:bb:cc:dd:ee:ff 2026-11-20', '10:01:22 aa:bb:cc:dd:ee:ff 2026-11-20'],
    ['two\r\n  lines', 'two lines'],
    ['a\u202eb\u200bc\u0000d', 'abc␀d'],
    ['👩‍🚀', '👩‍🚀'],
  ])('%j becomes %j', (text, source) => {
    expect(inlineText(text)).toBe(source);
  });
});

describe('codeSpan', () => {
  test('cannot be broken out of, and shows every character', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const source = codeSpan(text);
        expect(expectInert(`Branch ${source} is behind`, INLINE_NODES)).toBe(`Branch ${codeContent(text)} is behind`);
        expectInert(source, INLINE_NODES);
      }),
      RUNS,
    );
  });

  test('a branch that tries everything stays a name', () => {
    expect(codeSpan('x`@all`/close')).toBe('``x`@all`/close``');
    expect(expectInert(codeSpan('x`@all`/close'), INLINE_NODES)).toBe('x`@all`/close');
  });

  test.each([
    ['', '` `'],
    ['`', '`` ` ``'],
    [' a ', '`  a  `'],
    ['a\r\nb', '`a b`'],
    ['main\u202e', '`main⟨U+202E⟩`'],
    ['\x1b[0m', '`␛[0m`'],
  ])('%j becomes %j', (text, source) => {
    expect(codeSpan(text)).toBe(source);
  });
});

describe('table', () => {
  test('holds any text in its cells, whichever function wrote it', () => {
    const forms = { inlineText, codeSpan, cell: (text: string) => codeSpan(text, { tableCell: true }) };
    fc.assert(
      fc.property(
        hostileText,
        hostileText,
        fc.constantFrom(...(Object.keys(forms) as (keyof typeof forms)[])),
        (one, other, form) => {
          const source = table(
            [inline`Branch`, inline`File`],
            [
              [forms[form](one), forms[form](other)],
              [inline`end`, inline`end`],
            ],
          );
          const rendered = expectInert(source, [...INLINE_NODES, 'table', 'tableRow', 'tableCell']);
          const of = (text: string) => (form === 'inlineText' ? folded(text) : codeContent(text));
          const expected = `BranchFile${of(one)}${of(other)}endend`;
          // Only a plain code span may lose a backslash before a pipe; `tableCell` is there for that. Outer spaces of a
          // cell go, and inner ones are folded where such a text could not stay in code.
          const exact = (text: string) =>
            text
              .replaceAll(' ', '')
              .replaceAll('␉', '')
              .replace(/⟨U\+[0-9A-F]+⟩/g, '');
          const same = (text: string) => (form === 'codeSpan' ? exact(text).replace(/\\+\|/g, '|') : exact(text));
          expect(same(rendered)).toBe(same(expected));
        },
      ),
      RUNS,
    );
  });

  test('is as wide as its header, and no cell spans lines', () => {
    const text = 'a|b';
    expect(table([inline`A`, inline`B`], [[codeSpan(text)], [inline`1`, inline`2`, inline`3`]])).toBe(
      '| A | B |\n| --- | --- |\n| `a\\|b` |  |\n| 1 | 2 |',
    );
  });
});

describe('codeBlock', () => {
  test('cannot be ended from within, nor in details', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const source = codeBlock(text, { language: 'text' });
        const content = normalised(text, 'code').replace(/\n$/, '');
        expect(expectInert(source, ['root', 'code'])).toBe(content.trimEnd());
        const folding = readAsGitLab(details('Log', source));
        expect(folding.alive.filter(each => !each.startsWith('html: '))).toEqual([]);
        expect(folding.rendered.trim()).toBe(content.trim());
      }),
      RUNS,
    );
  });

  test('takes its language from our list only', () => {
    expect(codeBlock('{}', { language: 'json' })).toBe('```json\n{}\n```');
    expect(codeBlock('x', JSON.parse('{"language":"mermaid"}'))).toBe('```\nx\n```');
    expect(codeBlock('a\n```\n/close\n')).toBe('````\na\n```\n/close\n````');
  });
});

describe('blockText', () => {
  test('is inert, keeps lines and paragraphs', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(expectInert(blockText(text), [...INLINE_NODES, 'break'])).toBe(paragraphs(text));
      }),
      RUNS,
    );
  });

  test('is inert between our own blocks and in details', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const body = blocks(markdown`## Copied`, blockText(one), codeBlock(other), blockText(other), markdown`end`);
        const plain = readAsGitLab(body);
        expect(plain.alive).toEqual([]);
        expect(plain.rendered.endsWith('end')).toBe(true);
        const reading = readAsGitLab(details(one, body));
        const ours = ['<details>', '</details>'];
        expect(reading.alive.filter(each => !ours.some(tag => each.startsWith(`html: ${tag}`)))).toEqual([]);
        expect(reading.rendered.trimEnd().endsWith('end')).toBe(true);
      }),
      RUNS,
    );
  });

  test('no line of it starts with a slash, for the GitLabs that look for quick actions line by line', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(blockText(text)).not.toMatch(/^\//m);
      }),
      RUNS,
    );
  });

  test('an example', () => {
    expect(blockText('Hi @all,\r\n/assign @root\r\n\r\n1. one\n---')).toBe(
      'Hi \\@all,\\\n\\/assign \\@root\n\n1\\. one\\\n\\---',
    );
  });
});

describe('details', () => {
  test('its summary is inert HTML that reads as it was written', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const [, summary = ''] = /<summary>(.*)<\/summary>/.exec(details(text, markdown`body`)) ?? [];
        const outside = summary.split(/<code>.*?<\/code>/);
        expect(outside.join('')).not.toContain('<');
        expect(outside.map(decoded).flatMap(aliveInPlainText)).toEqual([]);
        expect(decoded(summary.replace(/<\/?code>/g, ''))).toBe(folded(text));
      }),
      RUNS,
    );
  });
});

describe('link', () => {
  test('any text and any address make one link or none, and nothing else', () => {
    const address = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      hostileText,
      hostileText.map(text => `https://e.com/${text}`),
    );
    fc.assert(
      fc.property(hostileText, address, (text, url) => {
        const reading = readAsGitLab(`x ${link(text, url)} y`);
        expect(reading.alive.filter(each => !each.startsWith('link: ['))).toEqual([]);
        expect(reading.alive.length).toBeLessThanOrEqual(1);
        const label = reading.alive.length === 1 && folded(text) === '' ? new URL(url).host : folded(text);
        expect(reading.rendered).toBe(`x ${label} y`);
      }),
      RUNS,
    );
  });

  test.each([
    ['javascript:alert(1)', 'a'],
    ['data:text/html,x', 'a'],
    ['//evil.example', 'a'],
    ['https://user:secret@e.com/', 'a'],
    ['https://e.com/a(b)?x=1&copy;=2#`', '[a](https://e.com/a%28b%29?x=1&amp;copy;=2#%60)'],
    ['http://[::1]:8080/x', '[a](http://[::1]:8080/x)'],
  ])('%j', (url, source) => {
    expect(link('a', url)).toBe(source);
  });
});

describe('titleText', () => {
  test('is one line, valid, short enough and inert', () => {
    fc.assert(
      fc.property(
        fc.array(hostileText, { maxLength: 8 }).map(texts => texts.join(' ')),
        text => {
          const title = titleText(text);
          expect(aliveInPlainText(title)).toEqual([]);
          expect(title).not.toMatch(/[\n\r\t]/);
          expect(title.isWellFormed()).toBe(true);
          expect(Array.from(title).length).toBeLessThanOrEqual(255);
          expect(title.trim()).not.toBe('');
          if (title.endsWith('…')) return;
          expect(title.replaceAll('\u2060', '')).toBe(folded(text) || '(no title)');
          expect(titleText(title)).toBe(title);
        },
      ),
      RUNS,
    );
  });

  test('is cut between characters, not in them', () => {
    expect(titleText('😀'.repeat(300))).toBe(`${'😀'.repeat(254)}…`);
    expect(titleText('😀'.repeat(255))).toBe('😀'.repeat(255));
    expect(titleText('  ', { blank: 'Ticket 7' })).toBe('Ticket 7');
  });
});

describe('marker', () => {
  const key = fc.oneof(hostileText, fc.string({ unit: 'binary' }));

  test('comes back whole from what GitLab may make of the text around it', () => {
    fc.assert(
      fc.property(
        key,
        key,
        hostileText,
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', ' ', '  \t'),
        (one, other, text, lineEnd, blanks) => {
          const mark = { kind: 'escalation', key: one.toWellFormed(), fields: { rev: other.toWellFormed() } };
          const body = blocks(blockText(text), codeBlock(text), marker(mark), inlineText(text));
          const stored = body.replaceAll('\n', `${blanks}${lineEnd}`);
          expect(readMarker(stored)).toEqual(mark);
          expect(readMarker(stored, 'escalation')).toEqual(mark);
          expect(readMarker(stored, 'races')).toBeUndefined();
          expect(readAsGitLab(marker(mark)).rendered).toBe('');
          expect(readAsGitLab(`${marker(mark)}\n\nafter`).rendered.trim()).toBe('after');
        },
      ),
      RUNS,
    );
  });

  test('cannot be forged through any function for untrusted text', () => {
    const forged = marker({ kind: 'races', key: 'stolen' });
    const around = fc.tuple(hostileText, hostileText, hostileText);
    fc.assert(
      fc.property(around, ([before, between, after]) => {
        const text = `${before}\n${forged}\n${between}\n\n${forged}\n\n${after}`;
        const row = table([inlineText(text)], [[codeSpan(text)], [codeSpan(text, { tableCell: true })]]);
        const body = blocks(
          blockText(text),
          codeBlock(text),
          inlineText(text),
          codeSpan(text),
          row,
          link(text, 'https://e.com'),
        );
        expect(readMarker(blocks(details(text, body), body))).toBeUndefined();
      }),
      RUNS,
    );
  });

  test('a value cannot end the comment; quoting one of our texts forges nothing', () => {
    const mark = marker({ kind: 'races', key: '--> @all <!-- --!> ---' });
    expect(mark).toBe('<!-- signalbox:races key=-%2D%3E%20%40all%20%3C%21-%2D%20-%2D%21%3E%20-%2D- -->');
    expect(readMarker(`> ${mark}`)).toBeUndefined();
    expect(readMarker(`- ${mark}`)).toBeUndefined();
    expect(readMarker(`>>>\n${mark}\n>>>`)).toBeUndefined();
    expect(readMarker(`\`\`\`\n${mark}\n\`\`\``)).toBeUndefined();
    expect(readMarker('<!-- signalbox:races key=%zz -->')).toBeUndefined();
    expect(readMarker(`a line above\n${mark}\na line below`)?.kind).toBe('races');
  });

  test('refuses names that are none', () => {
    expect(() => marker({ kind: 'a b', key: '' })).toThrow(TypeError);
    expect(() => marker({ kind: 'a', key: '', fields: { 'x--': '' } })).toThrow(TypeError);
    expect(() => marker({ kind: 'a', key: '', fields: { key: '' } })).toThrow(TypeError);
  });
});

describe('joining', () => {
  test('code spans that would touch are kept apart', () => {
    expect(inline`${codeSpan('a')}${codeSpan('`b')}`).toBe('`a` `` `b ``');
    expect(joinInline([codeSpan('a'), codeSpan('b')], '')).toBe('`a` `b`');
    expect(joinInline([codeSpan('a'), inline`b`], ', ')).toBe('`a`, b');
    expect(inline`${3} of ${inlineText('#4')}`).toBe('3 of \\#4');
  });

  test('a raw string is not Markdown', () => {
    // @ts-expect-error: what is not made by a function of this folder does not compile
    expect(blocks('raw')).toBe('raw');
    // @ts-expect-error: a block does not fit in a line
    expect(inline`${blockText('a')}`).toBe('a');
  });
});

function decoded(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
