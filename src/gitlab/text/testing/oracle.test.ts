import { describe, expect, test } from 'vitest';
import { aliveInPlainText, readAsGitLab } from './oracle.ts';

/** The oracle must find what is alive, or every other test here passes for nothing. */
describe('the oracle', () => {
  test.each([
    ['/close', 'quick action'],
    ['text\n/close', 'quick action'],
    ['hello @all', 'mention'],
    ['see #123', 'issue'],
    ['see g/p!45', 'issue'],
    ['%v1.0', 'milestone'],
    ['~bug', 'label'],
    ['^alert#3', 'alert'],
    ['\\[issue:5]', 'bracket reference'], // GitLab unwraps this escape again
    ['deadbeef1', 'commit'],
    ['ABC-12', 'external issue'],
    ['https://gitlab.example.com/g/p/-/issues/1', 'link'],
    ['<https://gitlab.example.com>', 'link'],
    ['a@b.de', 'link'],
    [':smile:', 'emoji'],
    ['{+a b+}', 'inline difference'],
    ['\\[TOC]', 'table of contents'],
    ['group/project\\>', 'project'],
    ['<script>', 'html'],
    ['<!-- b', 'html'],
    ['[a]: http://b', 'definition'],
    ['![a](b)', 'image'],
    ['---\na: b\n---', 'front matter'],
    ['::include{file=x}', 'include'],
    ['a\n\n: b', 'description list'],
    ['$x$', 'math'],
    ['\\*iteration:1', 'iteration'],
  ])('finds what is alive in %j', (source, rule) => {
    expect(readAsGitLab(source).alive.join('\n')).toContain(rule);
  });

  test.each(['\\@all', '\\#1', '`@all`', '`/close`', '\\/close', '```\n/close\n@all\n```', '> /close'])(
    'finds nothing in %j',
    source => {
      expect(readAsGitLab(source).alive).toEqual([]);
    },
  );

  test('reads titles as text', () => {
    expect(aliveInPlainText('for @all')).toEqual(['mention: for @all']);
    expect(aliveInPlainText('for @\u2060all')).toEqual([]);
  });
});
