import { expect, test } from 'vitest';
import { decideColumns } from './decide-columns.ts';

test.each([
  ['nothing is missing', [], '2 columns, a label for each'],
  ['labels are missing', ['In Revue', 'Tset'], 'there is no label "In Revue", "Tset"'],
  ['the project cannot be seen, which is no proof of labels', null, 'acme/appliance cannot be seen'],
])('%s', (_what, missing, verdict) => {
  const facts = { project: 'acme/appliance', columns: ['To Do', 'In Review'], missing };
  expect(decideColumns(facts, 1000)).toMatchObject({ verdict, actions: [], lookAgainAt: 3_601_000 });
});
