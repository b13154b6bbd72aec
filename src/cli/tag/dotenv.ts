import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { TagReport } from '../../automations/library-tags/report.ts';
import { SignalboxError } from '../../errors.ts';

/** GitLab's `artifacts:reports:dotenv` takes neither quotes nor line ends, and 5 KB altogether; shells take less. */
const HARMLESS = /^[A-Za-z0-9._/:@%+,=-]*$/;
const LONGEST_REASON = 200;

/**
 * The variables for later jobs, one a line: `TAG VERSION PREVIOUS_TAG TAG_CREATED TAG_REASON`. Every value can be read by
 * GitLab, by a shell's `.` and by dotenv alike, and none is ever run: the reason, which may quote a commit, has hyphens
 * for everything but letters, digits and `._/+`.
 *
 * @throws SignalboxError SBX_TAG_NOT_PRINTABLE for a tag whose name (a directory's) would not survive this
 */
export function renderDotenv({ tag: given, base, created, reasons, action }: TagReport): string {
  const tag = given ?? '';
  const values = {
    TAG: tag,
    VERSION: tag.slice(tag.lastIndexOf('/') + 1).replace(/^v/, ''),
    PREVIOUS_TAG: base ?? '',
    TAG_CREATED: String(created),
    TAG_REASON: slug(reasons[0] ?? action),
  };
  const unfit = [values.TAG, values.PREVIOUS_TAG].find(value => !HARMLESS.test(value));
  if (unfit !== undefined) {
    throw new SignalboxError('SBX_TAG_NOT_PRINTABLE', `the tag ${JSON.stringify(unfit)} cannot stand in a dotenv file`);
  }
  return `${Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

function slug(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._/+]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST_REASON)
    .replace(/-+$/, '');
}

/**
 * Removes what an earlier run left, for a run that fails must not hand on another one's tag, and finds out before anything is
 * changed whether the new one can be written.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function forgetDotenv(file: string): void {
  writeDotenv(file, '');
  rmSync(file);
}

/** Writes the file whole or not at all. */
export function writeDotenv(file: string, text: string): void {
  const next = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(next, text);
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    const code = (error as { code?: string }).code ?? 'unwritable';
    throw new SignalboxError('SBX_USAGE', `--dotenv ${file} cannot be written: ${code}`);
  }
}
