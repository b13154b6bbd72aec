import { expect, test } from 'vitest';
import { toRules } from './rules.ts';
import { boardSettings } from './settings.ts';

const COLUMNS = ['To Do', 'In Review', 'To Test', 'Testing'];
const project = (settings: Record<string, unknown>) => ({
  projects: { 'acme/appliance': { columns: COLUMNS, ...settings } },
});

test('the columns are enough; what lies behind the one for merged is not left', () => {
  const { projects } = boardSettings.parse(project({}));
  const rules = toRules(projects['acme/appliance']!);
  expect(rules).toMatchObject({ opened: 'In Review', merged: 'To Test', draft: null, mergedWhen: 'all' });
  expect(rules.from).toEqual(['To Do', 'In Review', 'To Test']);
});

test('the rules may stand together in `move`', () => {
  const together = { move: { draft: 'To Do', merged: 'Testing', closed: 'stay' } };
  const apart = { draft: 'To Do', merged: 'Testing', closed: 'stay' };
  expect(boardSettings.parse(project(together))).toEqual(boardSettings.parse(project(apart)));
});

test.each([
  [{ move: { opened: 'In Revue' } }, 'does not list "In Revue"'],
  [{ move: { merged: 'To Test' }, merged: 'Testing' }, 'is in `move`, too, and says otherwise there'],
  [{ move: 'To Test' }, 'Invalid input: expected object, received string'],
  [{ opened: 'In Revue' }, 'does not list "In Revue"'],
  [{ merged_by_branch: { 'release/5.3': 'To Test 5.3' } }, 'does not list "To Test 5.3"'],
  [{ from: ['Backlog'] }, 'does not list "Backlog"'],
  [{ opened: 'In Review, soon' }, 'must not contain a comma: GitLab has no such labels'],
])('%j is refused', (settings, message) => {
  const faults = boardSettings.safeParse(project(settings)).error?.issues.map(issue => issue.message);
  expect(faults).toContain(message);
});
