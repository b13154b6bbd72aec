import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { explain, showPath, toFindings } from '../../config/explain-issues.ts';
import { type Path, parseDocument } from '../../config/parse-document.ts';
import { findProject } from '../../config/projects.ts';
import type { Settings } from '../../config/schema.ts';
import { type Fault, SignalboxError } from '../../errors.ts';
import { boardCase, faultsOfBoardCase, judgeBoardCase } from './board-case.ts';
import type { CaseFault, CaseResult, Judged } from './case.ts';
import { faultsOfVersionCheckCase, judgeVersionCheckCase, versionCheckCase } from './version-check-case.ts';

const caseFile = z.strictObject({
  board: z.record(z.string(), z.array(boardCase)).optional(),
  version_check: z.record(z.string(), z.array(versionCheckCase)).optional(),
});

interface Tried {
  path: Path;
  automation: string;
  project: string;
  name: string;
  judged: Judged;
}

/**
 * Tries the cases that users wrote for their rules: the same pure decisions as in the service, and no request to anybody.
 *
 * @throws SignalboxError SBX_CASES_INVALID with all faults at once, each `at` `file:line:column`
 */
export async function runCases(file: string, settings: Settings): Promise<CaseResult[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SignalboxError('SBX_CASES_INVALID', `${file} cannot be read`, { cause });
  });
  const document = parseDocument(text);
  const place = (path: Path, part?: 'key'): string => {
    const { line, column } = document.locate(path, part);
    return `${file}:${line}:${column}`;
  };
  const refuse = (faults: Fault[]): never => {
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    throw new SignalboxError('SBX_CASES_INVALID', `${file} has ${count}`, { faults });
  };
  if (document.faults.length > 0) {
    refuse(
      document.faults.map(({ position: { line, column }, message }) => ({ at: `${file}:${line}:${column}`, message })),
    );
  }
  const parsed = caseFile.safeParse(document.value ?? {}, { error: explain });
  if (!parsed.success) {
    const findings = toFindings(parsed.error.issues);
    return refuse(
      findings.map(({ path, part, message }) => ({
        at: place(path, part === 'key' ? 'key' : undefined),
        message: `${showPath(path)} ${message}`.trim(),
      })),
    );
  }
  const { tried, faults } = tryAll(parsed.data, settings);
  if (faults.length > 0)
    refuse(
      faults.map(({ path, part, message }) => ({ at: place(path, part), message: `${showPath(path)} ${message}` })),
    );
  if (tried.length === 0) refuse([{ at: `${file}:1:1`, message: 'holds no case' }]);
  return tried.map(({ path, judged, ...rest }) => ({ at: place(path), ...rest, ...judged }));
}

function tryAll(cases: z.output<typeof caseFile>, settings: Settings): { tried: Tried[]; faults: CaseFault[] } {
  const baseUrl = settings.gitlab?.url ?? '';
  const tried: Tried[] = [];
  const faults: CaseFault[] = [];
  const unknown = (automation: string, path: Path) => {
    faults.push({ path, part: 'key', message: `is no project of ${automation} in the configuration` });
  };
  const attempt = (path: Path, name: string, found: CaseFault[], judge: () => Judged) => {
    const [automation, project] = path.map(String);
    if (found.length > 0) faults.push(...found.map(each => ({ ...each, path: [...path, ...each.path] })));
    else tried.push({ path, automation: automation ?? '', project: project ?? '', name, judged: judge() });
  };
  for (const [project, list] of Object.entries(cases.board ?? {})) {
    const configured = findProject(settings.board?.projects ?? {}, project);
    if (!configured) {
      unknown('board', ['board', project]);
      continue;
    }
    const context = { ...configured, baseUrl };
    for (const [index, each] of list.entries()) {
      const found = faultsOfBoardCase(each, configured.settings);
      attempt(['board', project, index], each.name, found, () => judgeBoardCase(each, context));
    }
  }
  for (const [project, list] of Object.entries(cases.version_check ?? {})) {
    const configured = findProject(settings.version_check?.projects ?? {}, project);
    if (!configured) {
      unknown('version_check', ['version_check', project]);
      continue;
    }
    const context = { ...configured, baseUrl, lines: configured.settings.lines ?? settings.lines ?? [] };
    for (const [index, each] of list.entries()) {
      const found = faultsOfVersionCheckCase(each, context);
      attempt(['version_check', project, index], each.name, found, () => judgeVersionCheckCase(each, context));
    }
  }
  return { tried, faults };
}
