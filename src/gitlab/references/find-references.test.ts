import { describe, expect, test } from 'vitest';
import { branchReference } from './branch-reference.ts';
import { findReferences, type ReferenceOptions } from './find-references.ts';

const HERE: ReferenceOptions = { project: 'acme/appliance', baseUrl: 'https://gitlab.example.com' };

function found(text: string, options: Partial<ReferenceOptions> = {}): string[] {
  return findReferences(text, { ...HERE, ...options }).map(
    ({ keyword, project, iid }) => `${keyword} ${project}#${iid}`,
  );
}

describe('forms', () => {
  test.each([
    ['#1', 'acme/appliance#1', 'short', ''],
    ['#1+', 'acme/appliance#1', 'short', '+'],
    ['#1+s', 'acme/appliance#1', 'short', '+s'],
    ['lib-fan#2', 'acme/lib-fan#2', 'sibling', ''],
    ['g/p#3', 'g/p#3', 'full', ''],
    ['a/b.c/d_e-f#4+', 'a/b.c/d_e-f#4', 'full', '+'],
    ['/g/p#5', 'g/p#5', 'full', ''],
    ['GL-6', 'acme/appliance#6', 'gl', ''],
    ['[issue:7]', 'acme/appliance#7', 'bracket', ''],
    ['[issue:g/p/8]', 'g/p#8', 'bracket', ''],
    ['[issue:g/p/8+s]', 'g/p#8', 'bracket', '+s'],
    ['[work_item:9]', 'acme/appliance#9', 'bracket', ''],
    ['https://gitlab.example.com/g/p/-/issues/10', 'g/p#10', 'url', ''],
    ['https://gitlab.example.com/g/p/issues/11', 'g/p#11', 'url', ''],
    ['https://gitlab.example.com/a/b/c/-/work_items/12', 'a/b/c#12', 'url', ''],
    ['https://gitlab.example.com/g/p/-/issues/13#note_99', 'g/p#13', 'url', ''],
    ['https://gitlab.example.com/g/p/-/issues/14?x=1', 'g/p#14', 'url', ''],
    ['https://gitlab.example.com/g/p/-/issues/15+', 'g/p#15', 'url', '+'],
    ['http://GitLab.example.com/g/p/-/issues/16', 'g/p#16', 'url', ''],
  ])('%s', (text, issue, form, expand) => {
    for (const [before, after] of [
      ['', ''],
      ['see ', ''],
      ['(', ')'],
      ['see ', '. More'],
      ['', ', and'],
      ['**', '**'],
      ['- ', '\n- x'],
    ]) {
      const [reference, ...more] = findReferences(`${before}${text}${after}`, HERE);
      expect(more).toEqual([]);
      expect({
        issue: `${reference?.project}#${reference?.iid}`,
        form: reference?.form,
        expand: reference?.expand,
      }).toEqual({ issue, form, expand });
      expect(reference?.text).toBe(text);
    }
  });

  test('a relative root belongs to the address', () => {
    const options = { baseUrl: 'https://example.com/gitlab/' };
    expect(found('https://example.com/gitlab/g/p/-/issues/1', options)).toEqual(['mentions g/p#1']);
    expect(found('https://example.com/g/p/-/issues/1', options)).toEqual([]);
  });

  test('[text](address) counts by its address, [#1](elsewhere) not at all', () => {
    expect(
      found('[the #2 fan](https://gitlab.example.com/g/p/-/issues/1) and <https://gitlab.example.com/g/p/-/issues/3>'),
    ).toEqual(['mentions g/p#1', 'mentions g/p#3']);
    expect(found('[#1](https://example.com/#2) ![#3](https://gitlab.example.com/g/p/-/issues/4)')).toEqual([]);
  });
});

describe('what is no reference', () => {
  test.each([
    ['a colour with letters', 'color: #12ab34, #1e1'],
    ['a word that goes on', '#1st, #1_2, #1é2x'.replace('#1é2x', '#1x')],
    ['the fragment of an address', 'https://example.com/docs#12 http://a.b/c/#13 ftp is fine'],
    [
      'an issue of another instance',
      'https://gitlab.com/g/p/-/issues/1 https://gitlab.example.com.evil.org/g/p/-/issues/1',
    ],
    ['a work item of a group', 'https://gitlab.example.com/groups/g/-/work_items/5'],
    [
      'another page of the instance',
      'https://gitlab.example.com/g/p/-/merge_requests/1 https://gitlab.example.com/issues/1',
    ],
    ['in the middle of a word', 'XGL-1 GL-1x a[issue:x]'],
    ['zero, and what no number column holds', '#0 #2147483648 #99999999999999999999 #123456789012345678901'],
    ['an escaped sigil', 'C\\#1'],
    ['a sentence that ends in dots', 'and so on...#1'],
    ['inline code', '`#1` ``x`#2`` `g/p#3`'],
    ['a fence', '```\nCloses #1\n```\n\n~~~text\n#2\n~~~\n\n- x\n  ```\n  #3\n  ```'],
    ['a fence that is never closed', '```\n#1\n\n#2'],
    ['indented code', 'x\n\n    #1'],
    ['a comment of a template', '<!-- Closes #1 -->\n\nx <!-- #2 --> y\n\n<!--\nCloses #3\n\nCloses #4\n-->'],
    ['a quote', '> Closes #1\nlazy #2\n\n- > #3'],
    ['a fenced quote', '>>>\n#1\n\n#2\n>>>\n\n- x\n  >>>\n  #3\n  >>>'],
    ['HTML code', '<pre>\n#1\n</pre>\n\na <code>#2</code> b\n\n<div><code>#3</code></div>'],
    ['an attribute', '<a title="#1">x</a>\n\n<div title="#2">\n</div>'],
  ])('%s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  test('a colour of digits is one, as in GitLab', () => {
    expect(found('#123456')).toEqual(['mentions acme/appliance#123456']);
  });

  test('what surrounds them still counts', () => {
    const text =
      '> #1\n\n#2\n\n```\n#3\n```\n#4 `#5` #6 <!-- #7 --> #8\n\n>>>\n#9\n>>>\n#10\n\n<details>\n<summary>#11</summary>\n\n#12\n\n</details>';
    expect(findReferences(text, HERE).map(reference => reference.iid)).toEqual([2, 4, 6, 8, 10, 11, 12]);
  });

  test('headings, tables, lists, emphasis, entities, and every line end', () => {
    const text = '# #1\r\n\r\n| a | b |\r\n|---|---|\r\n| #2 | x |\r\n\r\n1. _#3_\r\n2. &#35;4\r\n   * [ ] ~~#5~~\r#6';
    expect(findReferences(text, HERE).map(reference => reference.iid)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('in a title or a commit message nothing is code', () => {
    expect(found('`#1` > #2 <!-- #3 -->', { syntax: 'plain' })).toHaveLength(3);
  });
});

describe('keywords', () => {
  test('three classes', () => {
    expect(found('Closes #1. Relates to #2, g/p#3 and #4; #5. Part of: #6. Refs #7')).toEqual(
      [
        ['closes acme/appliance#1', 'relates acme/appliance#2', 'relates g/p#3', 'relates acme/appliance#4'],
        ['mentions acme/appliance#5', 'relates acme/appliance#6', 'relates acme/appliance#7'],
      ].flat(),
    );
  });

  test('the strongest word counts, at the place of the first', () => {
    expect(found('#1 and #2. Related to #1. Closes ACME/Appliance#1, part of #2')).toEqual([
      'closes acme/appliance#1',
      'relates acme/appliance#2',
    ]);
  });

  test('given words replace the defaults of their class, whatever is in them', () => {
    const keywords = { closes: ['erledigt', 'done (for) [good]'], relates: ['überholt'] };
    expect(found('Erledigt #1, Überholt: #2, closes #3, refs #4, Done (for) [good] #5', { keywords })).toEqual(
      [
        ['closes acme/appliance#1', 'relates acme/appliance#2', 'mentions acme/appliance#3'],
        ['mentions acme/appliance#4', 'closes acme/appliance#5'],
      ].flat(),
    );
    expect(found('Closes #1, refs #2', { keywords: { closes: [], relates: [''] } })).toEqual([
      'mentions acme/appliance#1',
      'mentions acme/appliance#2',
    ]);
  });

  test('code between the word and the issue parts them', () => {
    expect(found('Closes `x` #1, Closes [this](https://gitlab.example.com/g/p/-/issues/2)')).toEqual([
      'mentions acme/appliance#1',
      'mentions g/p#2',
    ]);
  });
});

test('at most 500 issues, each once', () => {
  const text = Array.from({ length: 2000 }, (_, index) => `#${(index % 700) + 1}`).join(' ');
  expect(found(text)).toHaveLength(500);
  expect(found(text, { max: 3 })).toEqual([
    'mentions acme/appliance#1',
    'mentions acme/appliance#2',
    'mentions acme/appliance#3',
  ]);
  expect(found(text, { max: 9999 })).toHaveLength(500);
});

test.each([
  ['123-fix-the-fan', 123],
  ['123', undefined],
  ['fix-123-fan', undefined],
  ['release/5.3', undefined],
  ['0-x', undefined],
  ['99999999999-x', undefined],
  ['2026-11-20', 2026],
])('branch %s', (branch, iid) => {
  expect(branchReference(branch)).toBe(iid);
});
