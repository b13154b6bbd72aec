import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepository } from './git-repository.ts';

export interface CommitPlan {
  /** Positions in the list of earlier commits. */
  parents: readonly number[];
  message?: string;
  /** Seconds since the epoch. */
  date?: number;
  files?: Readonly<Record<string, string>>;
}

export interface TagPlan {
  name: string;
  /** Position of the commit. */
  at: number;
  /** Lightweight without one. */
  message?: string;
}

/** Writes a whole history by one `git fast-import`; returns the commits' ids in the order of the plan. Main is the last one. */
export function importHistory(
  repository: TestRepository,
  commits: readonly CommitPlan[],
  tags: readonly TagPlan[] = [],
): string[] {
  const parts: string[] = [];
  for (const [index, { parents, message, date, files }] of commits.entries()) {
    const text = message ?? `commit ${index}\n`;
    const when = date ?? 1_600_000_000 + index * 60;
    parts.push(`commit refs/import/${index}\nmark :${index + 1}\ncommitter Ada <ada@example.com> ${when} +0000\n`);
    parts.push(data(text));
    if (parents.length > 0) parts.push(`from :${parents[0]! + 1}\n`);
    for (const parent of parents.slice(1)) parts.push(`merge :${parent + 1}\n`);
    for (const [path, content] of Object.entries(files ?? {})) parts.push(`M 100644 inline ${path}\n`, data(content));
    parts.push('\n');
  }
  for (const { name, at, message } of tags) {
    if (message === undefined) parts.push(`reset refs/tags/${name}\nfrom :${at + 1}\n\n`);
    else parts.push(`tag ${name}\nfrom :${at + 1}\ntagger Ada <ada@example.com> 1600000000 +0000\n`, data(message));
  }
  parts.push(`reset refs/heads/main\nfrom :${commits.length}\n\n`);
  const marks = join(repository.directory, 'marks');
  repository.git(['fast-import', '--quiet', '--force', `--export-marks=${marks}`], parts.join(''));
  const oids = readFileSync(marks, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(' '));
  rmSync(marks);
  repository.git(['pack-refs', '--all']);
  return oids.sort(([a], [b]) => Number(a!.slice(1)) - Number(b!.slice(1))).map(([, oid]) => oid!);
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
