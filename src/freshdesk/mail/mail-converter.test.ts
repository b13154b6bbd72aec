import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { createMailConverter } from './mail-converter.ts';
import type { MailConverter, MailConverterOptions } from './mail-types.ts';

const open = new Set<MailConverter>();
afterEach(async () => {
  await Promise.all([...open].map(each => each.close()));
  open.clear();
});

function converter(options: Partial<MailConverterOptions> = {}): MailConverter {
  const made = createMailConverter({ gitlabUrl: 'https://gitlab.example.com', ...options });
  open.add(made);
  return made;
}

const NONE = { uploads: new Map() };
/** Half a second to parse, minutes if each new paragraph opens every one of them again: a bomb that is small. */
const BOMB = Array.from({ length: 6000 }, (_, index) => `<b id=${index}><p>x`).join('');

/** How often the event loop came round before `promise` was settled. */
async function turnsDuring(promise: Promise<unknown>): Promise<number> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  let turns = 0;
  while (!settled) {
    await setImmediate();
    turns++;
  }
  return turns;
}

/** How often it comes round while another thread computes for as long: what an undisturbed loop does on this machine. */
async function turnsUndisturbed(milliseconds: number): Promise<number> {
  const worker = new Worker(`const end = Date.now() + ${milliseconds}; while (Date.now() < end);`, { eval: true });
  return turnsDuring(once(worker, 'exit'));
}

describe('a message that is too much', () => {
  test.each([
    ['10 MB of HTML', '<p>one @all two</p>'.repeat(560_000), 'too large'],
    ['20,000 elements in one another', `${'<div>'.repeat(20_000)}/close`, 'too deep'],
    ['20,000 tables in one another', `${'<table><td>'.repeat(20_000)}/close`, 'too deep'],
    ['Markdown larger than a note', `<p>${'@'.repeat(500_000)}</p>`, 'too large'],
    ['a small bomb', BOMB, 'too slow'],
  ])('%s becomes text in a fence, and the event loop goes round meanwhile', async (_, html, fallback) => {
    const mails = converter({ limits: { time: fallback === 'too slow' ? 300 : 20_000 } });
    const started = performance.now();
    const converting = mails.convert({ html, text: null }, NONE);
    const turns = await turnsDuring(converting);
    const mail = await converting;
    expect(mail.fallback).toBe(fallback);
    expect(mail.text).toMatch(/^```+\n/);
    expect(mail.text.length).toBeLessThan(1_000_000);
    // A loop that was held up for most of the time would have come round a fraction as often.
    expect(turns).toBeGreaterThan((await turnsUndisturbed(performance.now() - started)) / 10);
  });

  test('shows the text that Freshdesk gives with it', async () => {
    const mail = await converter().convert({ html: '<div>'.repeat(20_000), text: '/close\n````\n@all' }, NONE);
    expect(mail).toMatchObject({ fallback: 'too deep', text: '`````\n/close\n````\n@all\n`````' });
  });

  test('says how much of it is only in the ticket', async () => {
    const mail = await converter({ limits: { input: 10, output: 1000 } }).convert(
      { html: '<p>x</p>', text: null },
      NONE,
    );
    expect(mail.fallback).toBeNull();
    const long = await converter({ limits: { input: 10, output: 1000 } }).convert(
      { html: '<p>'.repeat(9), text: 'y'.repeat(1500) },
      NONE,
    );
    expect(long.text).toMatch(/^```\ny{1000}\n```\n\n\*500 more characters are in the ticket\.\*$/);
  });
});

describe('a thread', () => {
  test('that takes too long is ended, and the next message finds a new one', async () => {
    const mails = converter({ workers: 1, limits: { time: 200, depth: 100_000 } });
    const slow = mails.convert({ html: `<p>${'x '.repeat(900_000)}</p>`, text: 'short' }, NONE);
    const next = mails.convert({ html: '<p>next</p>', text: null }, NONE);
    expect(await slow).toMatchObject({ fallback: 'too slow', text: '```\nshort\n```' });
    expect(await next).toMatchObject({ fallback: null, text: 'next' });
  });

  test('is not held up by another that computes', async () => {
    const mails = converter({ workers: 2, limits: { time: 60_000 } });
    let slowDone = false;
    const slow = mails.convert({ html: '<p>x y</p>'.repeat(40_000), text: null }, NONE).then(() => {
      slowDone = true;
    });
    expect(await mails.convert({ html: '<p>next</p>', text: null }, NONE)).toMatchObject({ text: 'next' });
    expect(slowDone).toBe(false);
    await slow;
  });

  test('whose pattern never ends is ended; what could not be redacted is not copied', async () => {
    const redact = [{ name: 'own', pattern: '^(a+)+$', flags: '' }];
    const mails = converter({ redact, limits: { time: 200 } });
    const text = `${'a'.repeat(40)}!`;
    const mail = await mails.convert({ html: `<p>${text}</p>`, text }, NONE);
    expect(mail.fallback).toBe('too slow');
    expect(mail.text).not.toContain('aaa');
    expect((await mails.redact(text)).text).not.toContain('aaa');
    expect(await mails.convert({ html: '<p>b</p>', text: null }, NONE)).toMatchObject({ fallback: null, text: 'b' });
  });

  test('is gone after closing, and whoever waits is told', async () => {
    const mails = converter({ workers: 1 });
    const waiting = [1, 2, 3].map(() => mails.convert({ html: '<p>x</p>', text: 'x' }, NONE));
    await mails.close();
    for (const mail of await Promise.all(waiting)) expect(mail.fallback).toBe('failed');
    expect((await mails.convert({ html: '<p>x</p>', text: null }, NONE)).fallback).toBe('failed');
  });
});

test('messages of every kind at once come back each to its own', async () => {
  const mails = converter();
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  const converted = await Promise.all(
    numbers.map(number =>
      mails.convert(number % 2 ? { html: `<p>n${number}</p>`, text: null } : { html: null, text: `n${number}` }, NONE),
    ),
  );
  expect(converted.map(({ text }) => text)).toEqual(numbers.map(number => `n${number}`));
  expect(await mails.convert({ html: null, text: null }, NONE)).toMatchObject({
    text: '',
    quoted: null,
    fallback: null,
  });
});
