import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GivenFields } from '../metadata/given-fields.ts';
import { FilePart } from './file-part.ts';
import { FormFields } from './form-fields.ts';
import { boundaryOf, readPartHead } from './part-head.ts';
import type { Sink } from './pump.ts';

const BOUNDARY = '------------------------d74496d66958873e';

class Taken implements Sink {
  readonly mustWait = false;
  readonly chunks: Buffer[] = [];
  async drained(): Promise<void> {}
  write(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk));
  }
}

function form(fields: [string, string][], file: Buffer, boundary = BOUNDARY, tail = `\r\n--${boundary}--\r\n`): Buffer {
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x.tgz"\r\nContent-Type: application/gzip\r\n\r\n`;
  return Buffer.concat([Buffer.from(parts.join('') + head), file, Buffer.from(tail)]);
}

/** Reads a form that comes in pieces of the given lengths. */
function read(bytes: Buffer, lengths: readonly number[], boundary = BOUNDARY) {
  const given = new GivenFields();
  const fields = new FormFields(boundary, given, ['secret', 'md5']);
  const taken = new Taken();
  const part = new FilePart(taken, boundary);
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const chunk = bytes.subarray(at, at + (lengths[turn % lengths.length] ?? bytes.length));
    at += chunk.length;
    if (fields.done) part.write(chunk);
    else {
      fields.write(chunk);
      if (fields.done && fields.rest.length > 0) part.write(fields.rest);
    }
  }
  return { given, fields, part, file: Buffer.concat(taken.chunks) };
}

describe('a form', () => {
  it('is read the same however it is cut into pieces, whatever the file holds', () => {
    const nasty = fc.constantFrom('\r', '\n', '\r\n', '--', `\r\n--${BOUNDARY.slice(0, 20)}`, '\r\r\n-', BOUNDARY, 'x');
    const file = fc
      .array(nasty, { maxLength: 30 })
      .map(pieces => Buffer.from(pieces.join('')))
      // The one thing a file in a form must not hold.
      .filter(content => !content.includes(`\r\n--${BOUNDARY}`));
    const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(file, lengths, (content, cuts) => {
        const result = read(
          form(
            [
              ['version', '5.4.1'],
              ['secret', 's'],
              ['notes', 'a\r\n--b'],
            ],
            content,
          ),
          cuts,
        );
        expect(result.file.equals(content)).toBe(true);
        result.part.assertEnded();
        expect([...result.given.values]).toEqual([
          ['version', '5.4.1'],
          ['notes', 'a\r\n--b'],
        ]);
        expect(result.fields.special.get('secret')).toBe('s');
      }),
      { numRuns: 500 },
    );
  });

  it('finds faults of fields and goes on', () => {
    const { given } = read(
      form(
        [
          ['a', 'x'.repeat(10_000)],
          ['b', '1'],
          ['b', '2'],
          ['md5', '1'],
          ['md5', '2'],
        ],
        Buffer.from('f'),
      ),
      [7],
    );
    expect(given.faults.map(({ at }) => at)).toEqual(['/a', '/b', '/md5']);
  });

  it('that ends too early, or goes on behind its file, is refused', () => {
    const cut = read(form([], Buffer.from('file'), BOUNDARY, ''), [1000]);
    expect(() => cut.part.assertEnded()).toThrow('no end');
    const more = `\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="late"\r\n\r\n1\r\n--${BOUNDARY}--\r\n`;
    expect(() => read(form([], Buffer.from('file'), BOUNDARY, more), [3])).toThrow('before other fields');
    expect(read(form([], Buffer.from('file')), [5]).fields.fileCameFirst).toBe(true);
    expect(read(form([['a', '1']], Buffer.from('file')), [5]).fields.fileCameFirst).toBe(false);
  });

  it('that takes endless memory is refused', () => {
    const fields = new FormFields(BOUNDARY, new GivenFields(), []);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let at = 0; at < 40; at++) fields.write(chunk);
    }).toThrow('too long');
    expect(() =>
      new FormFields(BOUNDARY, new GivenFields(), []).write(Buffer.from(`--${BOUNDARY}\r\n${'x'.repeat(20_000)}`)),
    ).toThrow('head');
  });
});

it.each([
  [`multipart/form-data; boundary=${BOUNDARY}`, BOUNDARY],
  ['multipart/form-data; charset=utf-8; boundary="a b"', 'a b'],
  ['Multipart/Form-Data;boundary=x', 'x'],
  ['multipart/form-data', undefined],
  ['multipart/mixed; boundary=x', undefined],
  [`multipart/form-data; boundary=${'x'.repeat(71)}`, undefined],
  [undefined, undefined],
])('the boundary of %s', (type, boundary) => expect(boundaryOf(type)).toBe(boundary));

it.each([
  ['Content-Disposition: form-data; name="version"', 'version'],
  ['content-disposition:form-data;name="a\\"b"', 'a"b'],
  ['Content-Disposition: form-data; filename="name=x"; name="file"', 'file'],
])('the head %s', (head, name) => expect(readPartHead(head).name).toBe(name));

it.each([
  'Content-Disposition: attachment; name="x"',
  'X: y',
  'Content-Disposition: form-data',
  'Content-Disposition: form-data; name="x"\r\nContent-Transfer-Encoding: base64',
])('refuses the head %j', head => expect(() => readPartHead(head)).toThrow('cannot be read'));
