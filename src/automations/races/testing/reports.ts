import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { RaceReport } from '../parse/report.ts';
import { createPipeline, type Found } from '../scan/pipeline.ts';

/** Real and generated reports, kept beside the project because their texts belong to others. */
export const SHARED_RACES = fileURLToPath(new URL('../../../../../shared/races/', import.meta.url));

/** Is the reference data here? In CI it has to be; elsewhere its absence is said aloud. */
export function haveSharedRaces(): boolean {
  if (existsSync(`${SHARED_RACES}groups.tsv`)) return true;
  if (process.env['CI'] !== undefined) throw new Error(`The reference reports are missing: ${SHARED_RACES}`);
  console.warn(`NOT RUN: the reference reports are not here (${SHARED_RACES}); accuracy was not tested.`);
  return false;
}

/** A file of the reference data as text. */
export function sharedText(path: string): string {
  const bytes = readFileSync(`${SHARED_RACES}${path}`);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** The rows of one of its tables, by column name. */
export function sharedTable(path: string): Record<string, string>[] {
  const [head = '', ...rows] = sharedText(path).trimEnd().split('\n');
  const names = head.split('\t');
  return rows.map(row => Object.fromEntries(row.split('\t').map((value, index) => [names[index] ?? '', value])));
}

/** Everything found in a text, read line by line as the scanner does around an anchor. */
export function findIn(text: string): Found[] {
  const pipeline = createPipeline(2026);
  const found: Found[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const next = offset + Buffer.byteLength(line) + 1;
    found.push(...pipeline.feed(line, offset, next));
    offset = next;
  }
  return [...found, ...pipeline.flush()];
}

/** The reports alone. */
export function reportsIn(text: string): RaceReport[] {
  return findIn(text).map(({ report }) => report);
}

/** A well-formed Go report of two goroutines racing in these functions, with a made-up address. */
export function goReport(
  first: string,
  second: string,
  options: { address?: string; goroutine?: number } = {},
): string {
  const { address = '0x00c000123456', goroutine = 7 } = options;
  return [
    '==================',
    'WARNING: DATA RACE',
    `Write at ${address} by goroutine ${goroutine}:`,
    `  ${first}()`,
    '      /srv/build/pump/valve.go:41 +0x1d2',
    '  acme.example/pump.Run()',
    '      /srv/build/pump/run.go:12 +0x44',
    '',
    `Previous read at ${address} by goroutine ${goroutine + 1}:`,
    `  ${second}()`,
    '      /srv/build/pump/gauge.go:77 +0x9c',
    '',
    `Goroutine ${goroutine} (running) created at:`,
    '  acme.example/pump.Start()',
    '      /srv/build/pump/start.go:5 +0x21',
    '',
    `Goroutine ${goroutine + 1} (finished) created at:`,
    '  acme.example/pump.Start()',
    '      /srv/build/pump/start.go:6 +0x33',
    '==================',
    '',
  ].join('\n');
}
