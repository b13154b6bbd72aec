import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeFileName } from './file-name.ts';

it.each([
  ['backup.log', null, 'backup.log'],
  ['../../etc/passwd', null, 'passwd'],
  ['C:\\Users\\ada\\report.docx', null, 'report.docx'],
  ['a"b\r\nX-Evil: 1.txt', null, 'a_b__X-Evil_ 1.txt'],
  ['', null, 'file'],
  ['...', null, 'file'],
  ['image-1', 'image/png', 'image-1.png'],
  ['image-1', 'image/jpeg; charset=x', 'image-1.jpg'],
  ['Überblick "Sicherung".csv', null, 'Überblick _Sicherung_.csv'],
  ['x\u202Efdp.exe', null, 'x_fdp.exe'],
])('makes of %j (%j) %j', (name, type, safe) => {
  expect(safeFileName(name, type)).toBe(safe);
});

it('is at most 200 bytes, keeps its extension, and has nothing in it that means something', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), name => {
      const safe = safeFileName(`${name}.log`, null);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
      expect(safe).toMatch(/\.log$|^log$|^file$/);
      expect(safe).not.toMatch(/[/\\"\r\n\0]/);
    }),
  );
});
