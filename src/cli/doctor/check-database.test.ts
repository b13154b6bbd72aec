import { expect, it } from 'vitest';
import type { PostgresFacts } from '../../storage/postgres/inspect-postgres.ts';
import { judgePostgres } from './check-database.ts';

const KNOWN = ['0001-a', '0002-b'];
const GOOD: PostgresFacts = {
  version: '15.14',
  major: 15,
  standby: false,
  user: 'ada',
  database: 'signalbox',
  schema: 'public',
  mayCreate: true,
  notOwned: [],
  executed: KNOWN,
  ahead: -200,
};

it('finds nothing wrong where nothing is', () => {
  expect(judgePostgres(GOOD, KNOWN).map(({ status, name, detail }) => [status, name, detail])).toEqual([
    ['OK', 'database', 'PostgreSQL 15.14, database signalbox, as ada'],
    ['OK', 'database rights', 'may make and change tables in the schema public'],
    ['OK', 'database schema', 'up to date (0002-b)'],
    ['OK', 'database clock', "0.2 s apart from this machine's"],
  ]);
});

it.each<[Partial<PostgresFacts>, string, string, RegExp, RegExp]>([
  [{ version: '13.9', major: 13 }, 'database', 'FAIL', /13\.9/, /PostgreSQL 14/],
  [{ standby: true }, 'database', 'FAIL', /standby/, /primary/],
  [{ schema: null, mayCreate: false }, 'database rights', 'FAIL', /no schema/, /create schema ada authorization ada/],
  [{ mayCreate: false }, 'database rights', 'FAIL', /no tables/, /grant create on schema public to ada/],
  [{ notOwned: ['work', 'x'] }, 'database rights', 'FAIL', /work, x/, /alter table work owner to ada/],
  [{ executed: [] }, 'database schema', 'OK', /first start/, /^$/],
  [{ executed: ['0001-a'] }, 'database schema', 'WARN', /0002-b was not run/, /Back it up/],
  [{ executed: [...KNOWN, '0003-c'] }, 'database schema', 'OK', /newer version \(0003-c\)/, /^$/],
  [{ executed: [...KNOWN, '0003-c-needs-0003'] }, 'database schema', 'FAIL', /newer signalbox/, /newer version/],
  [{ executed: ['0001-a', '0009-z'] }, 'database schema', 'FAIL', /another line/, /newer version/],
  [{ ahead: 5001 }, 'database clock', 'WARN', /5\.0 s/, /NTP/],
  [{ ahead: -7_200_000 }, 'database clock', 'WARN', /7200\.0 s/, /NTP/],
])('says what is wrong with %o', (facts, name, status, detail, remedy) => {
  const check = judgePostgres({ ...GOOD, ...facts }, KNOWN).find(each => each.name === name);
  expect(check).toMatchObject({ status, detail: expect.stringMatching(detail), remedy: expect.stringMatching(remedy) });
});
