import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scanPaths } from '../../automations/races/scan/scan-paths.ts';
import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

interface Issue {
  iid: number;
  title: string;
}

const PROJECT = '/projects/acme%2Fappliance';
const token = { 'box-1': randomBytes(24).toString('base64url'), 'box-2': randomBytes(24).toString('base64url') };
type Box = keyof typeof token;

/** What the race detector writes when two methods meet. */
function raceReport(type: string, write: string, read: string): string {
  const frame = (name: string, line: number) =>
    `  gitlab.example.com/acme/appliance/pkg/cache.(*${type}).${name}()\n      /builds/acme/appliance/pkg/cache/${type.toLowerCase()}.go:${line} +0x1d2\n`;
  return `==================
WARNING: DATA RACE
Write at 0x00c000123456 by goroutine 7:
${frame(write, 41)}
Previous read at 0x00c000123456 by goroutine 8:
${frame(read, 77)}
Goroutine 7 (running) created at:
  main.main()
      /builds/acme/appliance/main.go:12 +0x44

Goroutine 8 (running) created at:
  main.main()
      /builds/acme/appliance/main.go:13 +0x5c
==================
`;
}

const SET_GET = raceReport('Cache', 'Set', 'Get');
const LOGS: Record<Box, string> = {
  'box-1': `2026/11/23 03:14:15 appliance started\n${SET_GET}${raceReport('Index', 'Add', 'Find')}`,
  'box-2': `2026/11/23 04:01:00 appliance started\n${SET_GET}2026/11/23 04:05:00 backup done\n${SET_GET}`,
};

/** Two soak boxes report overlapping logs: one issue for each race, and a comment with the count for the repeat. */
export const racesChapter: Chapter = {
  number: 5,
  title: 'Races',
  settings: async directory => {
    for (const [box, secret] of Object.entries(token)) await writeFile(join(directory, box), secret, { mode: 0o600 });
    const sources = Object.keys(token).map(box => `    - { name: ${box}, token: { file: ${directory}/${box} } }\n`);
    return `races:\n  project: acme/appliance\n  sources:\n${sources.join('')}`;
  },
  hooks: { 'acme/appliance': ['issues_events', 'note_events'] },
  play: async stage => {
    const first = await report(stage, 'box-1');
    await until(async () => ((await raceIssues(stage)).length >= 2 ? true : null));
    const second = await report(stage, 'box-2');
    const again = await report(stage, 'box-2');
    const issues = await raceIssues(stage);
    const repeated = issues.find(issue => issue.title.includes('(*Cache).Get'));
    const comment = repeated && (await until(async () => (await comments(stage, repeated))[0] ?? null));
    const number = repeated ? await comments(stage, repeated) : [];
    return {
      line: `box-1 saw two races: two issues; box-2 saw one of them twice more: a comment on #${repeated?.iid ?? '?'}`,
      claims: [
        { claim: 'both boxes find the reports in their logs (2 and 2)', holds: first === 2 && second === 2 },
        { claim: 'the same log again changes nothing', holds: again === 0 },
        { claim: 'one issue for each race', holds: (await raceIssues(stage)).length === 2 },
        {
          claim: 'named by both sides',
          holds: repeated?.title === 'Data race: (*Cache).Get ↔ (*Cache).Set (pkg/cache)',
        },
        {
          claim: 'one comment with the count for the repeat',
          holds: number.length === 1 && comment?.includes('2 times') === true,
        },
      ],
    };
  },
};

/** What `signalbox races scan` does: finds the reports and sends them. @returns how many were counted */
async function report(stage: Stage, box: Box): Promise<number> {
  const log = join(stage.directory, `${box}.log`);
  await writeFile(log, LOGS[box]);
  const reports: object[] = [];
  for await (const { id, text, seenAt, file } of scanPaths([log])) {
    reports.push({ id, text, first_seen: seenAt, last_seen: seenAt, log: file });
  }
  const answer = await fetch(`${stage.service.url}/v1/races`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token[box]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ source: box, host: box, build: '5.5.0', reports }),
  });
  return ((await answer.json()) as { accepted: number }).accepted;
}

async function raceIssues(stage: Stage): Promise<Issue[]> {
  return (await stage.as('maintainer', 'GET', `${PROJECT}/issues?labels=race%20condition`)).body as Issue[];
}

/** Our comments on an issue, oldest first. */
async function comments(stage: Stage, { iid }: Issue): Promise<string[]> {
  const answer = await stage.as('maintainer', 'GET', `${PROJECT}/issues/${iid}/notes?sort=asc`);
  const notes = answer.body as { body: string; system: boolean }[];
  return notes.filter(note => note.body.includes('<!-- signalbox:race-note ')).map(note => note.body);
}
