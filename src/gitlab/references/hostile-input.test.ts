import { describe, expect, test } from 'vitest';
import { blockText } from '../text/block-text.ts';
import { codeBlock } from '../text/code-block.ts';
import { codeSpan } from '../text/code-span.ts';
import { details } from '../text/details.ts';
import { inlineText } from '../text/inline-text.ts';
import { markdown } from '../text/markdown.ts';
import { readMarker } from '../text/marker.ts';
import { titleText } from '../text/title-text.ts';
import { findReferences } from './find-references.ts';

const MEGABYTE = 1_000_000;
/**
 * Processor seconds, not time on the clock, so that a busy machine makes nobody fail: measured 0.1 to 2. Whatever grows
 * with the square of a megabyte needs many minutes.
 */
const BOUND = 20;
const HERE = { project: 'acme/appliance', baseUrl: 'https://gitlab.example.com' };

/** Repeated to a megabyte, each makes some naive reader look back or ahead too far. */
const SHAPES = [
  ['Closes #1, g/p#2 and ', 'closes     ', 'closes issue ', 'closes #1 ,  and ', '#', 'a/', 'a-', '.'],
  ['[issue:', 'https://gitlab.example.com/a/', 'https://x.......', 'GL-', 'a@', ':a', '+a', 'deadbeef', '&#35;'],
  ['[', 'x <!--', '<a ', '`a ``b ', '|a', '\\', '>>>\n', '<div>\n<', '> ', ' \t'],
].flat();

function processorSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

describe('a megabyte of', () => {
  test.each(SHAPES.map(shape => [JSON.stringify(shape), shape]))(
    '%s',
    (_name, shape) => {
      const text = shape.repeat(Math.ceil(MEGABYTE / shape.length));
      const readers: Record<string, () => unknown> = {
        'references of a description': () => findReferences(text, HERE),
        'references of a commit message': () => findReferences(text, { ...HERE, syntax: 'plain' }),
        marker: () => readMarker(`<!-- signalbox:x key=1 -->\n\n${text}`),
        inlineText: () => inlineText(text),
        blockText: () => blockText(text),
        codeSpan: () => codeSpan(text),
        codeBlock: () => codeBlock(text),
        titleText: () => titleText(text),
        details: () => details(text, markdown`x`),
      };
      for (const [name, read] of Object.entries(readers)) expect(processorSeconds(read), name).toBeLessThan(BOUND);
    },
    120_000,
  );
});
