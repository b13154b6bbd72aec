import { expect, it } from 'vitest';
import { judgeSchema } from './judge-schema.ts';

const KNOWN = ['0001-engine', '0002-documents'];

it.each([
  ['an empty database', [], { may: 'migrate' }],
  ['an older one', ['0001-engine'], { may: 'migrate' }],
  ['its own', KNOWN, { may: 'migrate' }],
  ['one that a newer program has extended', [...KNOWN, '0003-more'], { may: 'use', newer: ['0003-more'] }],
  [
    'one that a newer program has contracted, of what this one does not use any more',
    [...KNOWN, '0003-more', '0004-drop-needs-0002'],
    { may: 'use', newer: ['0003-more', '0004-drop-needs-0002'] },
  ],
  [
    'one that a newer program has contracted',
    [...KNOWN, '0003-more', '0004-drop-needs-0003'],
    { may: 'nothing', because: expect.stringContaining('0004-drop-needs-0003') },
  ],
  [
    'one of another line of versions',
    ['0001-engine', '0002-other'],
    { may: 'nothing', because: expect.stringContaining('0002-documents was not') },
  ],
])('judges %s', (_what, executed, verdict) => {
  expect(judgeSchema(KNOWN, executed)).toEqual(verdict);
});
