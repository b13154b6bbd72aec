import { groupSightings } from '../group.ts';
import { scanPaths } from '../scan/scan-paths.ts';
import type { RaceSighting } from '../sighting.ts';
import { SHARED_RACES, sharedTable } from './reports.ts';

/** A file of reports whose races are known, in the order they stand in it. */
export interface LabelledFile {
  path: string;
  project: string;
  races: string[];
}

/** How well issues match races. */
export interface Accuracy {
  reports: number;
  races: number;
  issues: number;
  /** Of the pairs of reports in one issue, the share that is one race; of the pairs of one race, the share in one issue. */
  precision: number;
  recall: number;
  /** Issues more than one for their race, and races that got no issue because another's swallowed them. */
  surplus: number;
  hidden: number;
  /** Labelled reports that were not found, and found ones that are not labelled. */
  missed: number;
  invented: number;
}

interface Judged {
  race: string;
  issue: string;
}

function counts<T>(items: readonly T[], key: (item: T) => string): number[] {
  const sizes = new Map<string, number>();
  for (const item of items) sizes.set(key(item), (sizes.get(key(item)) ?? 0) + 1);
  return [...sizes.values()];
}

const pairs = (sizes: number[]): number => sizes.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);

function judge(judged: readonly Judged[], missed: number, invented: number): Accuracy {
  const both = counts(judged, ({ race, issue }) => `${race}\0${issue}`);
  const races = counts(judged, ({ race }) => race);
  const issues = counts(judged, ({ issue }) => issue);
  const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
  return {
    reports: judged.length,
    races: races.length,
    issues: issues.length,
    precision: ratio(pairs(both), pairs(issues)),
    recall: ratio(pairs(both), pairs(races)),
    // Every race and issue that meet are one edge; a perfect match has one edge for each.
    surplus: both.length - races.length,
    hidden: both.length - issues.length,
    missed,
    invented,
  };
}

/** The rule that is usually written first: the first function of the first stack is the issue's title. */
function plainTitle({ report }: RaceSighting): string {
  return report.accesses[0]?.stack[0]?.func ?? '(none)';
}

/** Scans the files and compares the issues that come of it with the truth, for our rule and for the plain one. */
export async function measureAccuracy(files: readonly LabelledFile[]): Promise<{ ours: Accuracy; plain: Accuracy }> {
  const labelled: { sighting: RaceSighting; race: string; project: string }[] = [];
  let missed = 0;
  let invented = 0;
  for (const { path, project, races } of files) {
    const found: RaceSighting[] = [];
    for await (const sighting of scanPaths([path], { project })) found.push(sighting);
    found.sort((a, b) => a.offset - b.offset);
    missed += Math.max(0, races.length - found.length);
    invented += Math.max(0, found.length - races.length);
    for (const [index, race] of races.entries()) {
      const sighting = found[index];
      if (sighting !== undefined) labelled.push({ sighting, race: `${project}\0${race}`, project });
    }
  }
  const issueOf = new Map<string, string>();
  for (const group of groupSightings(labelled.map(({ sighting }) => sighting))) {
    for (const id of group.sightings) issueOf.set(id, group.fingerprint);
  }
  const ours = labelled.map(({ sighting, race }) => ({ race, issue: issueOf.get(sighting.id) ?? sighting.id }));
  const plain = labelled.map(({ sighting, race, project }) => ({ race, issue: `${project}\0${plainTitle(sighting)}` }));
  return { ours: judge(ours, missed, invented), plain: judge(plain, missed, invented) };
}

/** Reports from public projects; each project would have its own tracker. */
export function realReports(): LabelledFile[] {
  return sharedTable('groups.tsv').map(({ file = '', race_id: race = '' }) => ({
    path: `${SHARED_RACES}corpus/${file}`,
    project: file.replace(/^go\//, '').replace(/(?:-[0-9a-f]{7,8}|_[a-z]+_\d+)-\d+\.txt$/, ''),
    races: [race],
  }));
}

/** Reports of programs written for the purpose, over three builds each. */
export function generatedReports(): LabelledFile[] {
  const files = new Map<string, LabelledFile>();
  for (const { file = '', race_id: race = '' } of sharedTable('truth.tsv')) {
    const known = files.get(file) ?? {
      path: `${SHARED_RACES}generated/reports/${file}`,
      project: 'generated',
      races: [],
    };
    known.races.push(race);
    files.set(file, known);
  }
  return [...files.values()];
}
