import { expect, it } from 'vitest';
import { queuedRun } from '../model.ts';
import { decide, type FateFacts } from './decide.ts';

const run = {
  ...queuedRun({ attempt: 1, environment: 'development', by: 'ci', queuedAt: 1 }),
  state: 'released' as const,
};
const release: FateFacts['release'] = {
  product: 'appliance',
  version: '5.4.1',
  line: '5.4',
  state: 'released',
  sha256: 'a',
  pinned: false,
  yanked: null,
  runs: [{ ...run, exit: 0, head: { moved: false, because: 'the head 5.4.2 is not older' } }],
};

it('says what became of it, and why it is not on offer', () => {
  const decision = decide({ release, heads: [{ environment: 'development', head: '5.4.2' }] });
  expect(decision).toEqual({
    verdict: 'released, not on offer',
    because: [
      'attempt 1 in development (released by ci): released, exit 0; head: the head 5.4.2 is not older',
      '5.4/development offers 5.4.2',
    ],
    actions: [],
  });
});

it('says where it is on offer, and that it was withdrawn', () => {
  const heads = [
    { environment: 'development', head: '5.4.1' },
    { environment: 'production', head: null },
  ];
  expect(decide({ release, heads }).verdict).toBe('released, on offer in development');
  const yanked = decide({ release: { ...release, yanked: { at: 1, by: 'anna', reason: 'loses data' } }, heads: [] });
  expect([yanked.verdict, yanked.because[0]]).toEqual(['withdrawn, not on offer', 'withdrawn by anna: loses data']);
});

it('knows no release that was removed', () => {
  expect(decide({ release: null, heads: [] }).verdict).toBe('no such release');
});
