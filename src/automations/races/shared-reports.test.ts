import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goName } from './fingerprint/go-names.ts';
import { isStandard } from './fingerprint/standard-library.ts';
import { groupSightings } from './group.ts';
import { scanPaths } from './scan/scan-paths.ts';
import type { RaceSighting } from './sighting.ts';
import { generatedReports, measureAccuracy, realReports } from './testing/accuracy.ts';
import { haveSharedRaces, SHARED_RACES, sharedText } from './testing/reports.ts';

const here = haveSharedRaces();
const suite = here ? describe : describe.skip;
const NOTE = here ? '' : ' (NOT RUN: the reference data is missing)';

async function scan(...paths: string[]): Promise<RaceSighting[]> {
  const sightings: RaceSighting[] = [];
  for await (const sighting of scanPaths(paths.map(path => `${SHARED_RACES}${path}`))) sightings.push(sighting);
  return sightings;
}

const raced = (sightings: RaceSighting[]): string[] => sightings.map(({ sites }) => sites.join(' / ')).sort();

/** The first function of the user's own in each access, read by a rule too simple to share the parser's mistakes. */
function expectedTops(text: string): string[] {
  const flat = text.replaceAll('\r', '');
  const header = /(?:Previous )?(?:[Rr]ead|[Ww]rite)(?: at 0x\w+)? by\s+(?:main goroutine|goroutine \d+):/g;
  const headers = [...flat.matchAll(header)];
  const sections = headers.map((match, index) => flat.slice(match.index + match[0].length, headers[index + 1]?.index));
  return sections.slice(0, 2).flatMap(section => {
    const own = section.split(/Goroutine \d+ \(|={18}|```|goroutine \d+ \[/)[0] ?? '';
    const names = [...own.matchAll(/(?:^|[\s:])([^\s()]+(?:\(\*?[\w.]+\)[^\s()]*)*)\(\)/gm)].map(
      match => match[1] ?? '',
    );
    const first = names.find(name => !isStandard(goName(name)));
    return first === undefined ? [] : [goName(first)];
  });
}

suite(`reference reports${NOTE}`, () => {
  const files = here ? readdirSync(`${SHARED_RACES}corpus/go`) : [];

  it('finds a race in every real Go report, with the right function on either side', async () => {
    const wrong: string[] = [];
    for (const file of files) {
      const [sighting] = await scan(`corpus/go/${file}`);
      const text = sharedText(`corpus/go/${file}`);
      const accesses = (text.match(/(?:[Rr]ead|[Ww]rite)(?: at 0x\w+)? by\s+(?:main goroutine|goroutine \d+):/g) ?? [])
        .length;
      if (sighting === undefined || sighting.report.accesses.length < Math.min(2, accesses)) {
        wrong.push(`${file}: ${sighting?.report.accesses.length} accesses`);
        continue;
      }
      const tops = sighting.report.accesses.flatMap(({ stack }) => {
        const own = stack.find(({ func }) => !isStandard(goName(func)));
        return own === undefined ? [] : [goName(own.func)];
      });
      const expected = expectedTops(text);
      if (expected.join(' ') !== tops.join(' '))
        wrong.push(`${file}: ${tops.join(' ')} instead of ${expected.join(' ')}`);
    }
    expect(wrong).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });

  it('reads the same races from every log format', async () => {
    const plain = raced(await scan('generated/mangled/no-closing.log'));
    expect(plain).toHaveLength(6);
    const formats = readdirSync(`${SHARED_RACES}generated/mangled`).filter(file => !/^(?:rotated|prose)/.test(file));
    expect(formats.length).toBeGreaterThan(10);
    for (const file of [...formats, 'rotated.log.2.gz']) {
      expect(raced(await scan(`generated/mangled/${file}`)), file).toEqual(plain);
    }
    // A report that the rotation cut within a path.
    expect(raced(await scan('generated/mangled/rotated.log', 'generated/mangled/rotated.log.1'))).toEqual(plain);
    expect(await scan('generated/mangled/prose-negatives.log')).toEqual([]);
  });

  it('keeps what an attacker put between the lines out of the report', async () => {
    for (const { text, title } of await scan('generated/mangled/injection.log')) {
      expect(`${title}\n${text}`).not.toMatch(/\/close|@all|javascript|<\/code>|~"/);
    }
  });

  it.each([
    ['corpus/cpp', 'tsan'],
    ['corpus/kcsan', 'kcsan'],
  ])('finds a race in every file of %s', async (directory, detector) => {
    for (const file of readdirSync(`${SHARED_RACES}${directory}`)) {
      const [sighting] = await scan(`${directory}/${file}`);
      expect(sighting?.detector, file).toBe(detector);
      expect(sighting?.sites.filter(site => site !== '?').length, file).toBeGreaterThan(0);
    }
  });

  it('finds the races of whole logs and excerpts, and none in a log without', async () => {
    for (const directory of ['corpus/logs', 'corpus/issues']) {
      for (const file of readdirSync(`${SHARED_RACES}${directory}`)) {
        const expected = sharedText(`${directory}/${file}`).includes('WARNING: DATA RACE') ? 1 : 0;
        expect((await scan(`${directory}/${file}`)).length, file).toBe(expected);
      }
    }
  });

  it('files one issue per race', async () => {
    for (const labelled of [realReports(), generatedReports()]) {
      const known = labelled.filter(({ path }) => existsSync(path));
      expect(known.length).toBeGreaterThan(50);
      const { ours, plain } = await measureAccuracy(known);
      expect(ours).toMatchObject({ missed: 0, invented: 0 });
      expect(ours.precision).toBeGreaterThanOrEqual(0.95);
      expect(ours.recall).toBeGreaterThanOrEqual(0.99);
      expect(ours.surplus).toBeLessThanOrEqual(1);
      expect(ours.hidden).toBeLessThan(plain.hidden);
    }
  });

  it('counts the three builds of a program as one race each', async () => {
    const program = readdirSync(`${SHARED_RACES}generated/reports`).filter(file => basename(file).startsWith('p18_'));
    const groups = groupSightings(await scan(...program.map(file => `generated/reports/${file}`)));
    expect(groups).toHaveLength(1);
    expect(groups[0]?.count).toBe(program.length);
  });
});
