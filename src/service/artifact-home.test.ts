import { expect, it } from 'vitest';
import { whyNotHere } from './artifact-home.ts';

const NOW = 1_000_000;
const MINE = { store: 's', machine: 'm' };
const seen = (home: Partial<typeof MINE>, ago: number) => ({ ...MINE, ...home, seenAt: NOW - ago });

it.each([
  ['nobody has been here before', null, null],
  ['others of this machine use the same directory', seen({}, 1000), null],
  ['a process that runs has another directory', seen({ store: 'other' }, 60_000), /another directory/],
  ['the same disk is used from another machine', seen({ machine: 'other' }, 60_000), /another machine \(other\)/],
  ['the other directory was given up', seen({ store: 'other' }, 60_001), null],
  ['the other machine is gone', seen({ machine: 'other' }, 60_001), null],
])('knows whether artifacts may lie here: %s', (_what, home, why) => {
  const found = whyNotHere(home, MINE, NOW);
  if (why === null) expect(found).toBeNull();
  else expect(found).toMatch(why);
});
