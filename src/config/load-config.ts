import * as fs from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Fault, SignalboxError } from '../errors.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import { explain, showPath, toFindings } from './explain-issues.ts';
import { describeField } from './json-schema.ts';
import { type ParsedDocument, type Path, type Position, parseDocument } from './parse-document.ts';
import { resolvePaths } from './resolve-paths.ts';
import { type Settings, settingsSchema } from './schema.ts';

export interface LoadedConfig {
  settings: Settings;
  /** The file as it was named by the user. */
  file: string;
}

export interface LoadOptions {
  environment: Environment;
  /** Reads the file as text; the file system's by default. */
  readFile?: (file: string) => Promise<string>;
}

/**
 * Reads one configuration file. Secrets are not read: the settings hold references, for `readSecret` when they are
 * needed. Relative paths in the file count from its directory.
 *
 * @param file the path as the user gave it; it stands in every fault
 * @throws SignalboxError SBX_CONFIG_NOT_FOUND if the file cannot be read; SBX_CONFIG_INVALID with all faults at once,
 * each `at` `file:line:column`, sorted by place
 */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadedConfig> {
  const text = await readText(file, options.readFile ?? (path => fs.readFile(path, 'utf8')));
  const document = parseDocument(text);
  if (document.faults.length > 0) throw invalid(file, document.faults);
  // As an editor leaves it that was interrupted: taken up, it would switch everything off.
  if (document.value === null) throw invalid(file, [{ position: FIRST, message: EMPTY }]);
  const { value, replaced } = applyEnvironment(document.value, options.environment);
  const parsed = settingsSchema.safeParse(value, { error: explain });
  const faults: PlacedFault[] = document.placeholders.map(position => ({
    position,
    message: 'is still a placeholder of the template: fill it in',
  }));
  if (!parsed.success) {
    for (const { path, part, message } of toFindings(parsed.error.issues)) {
      const shown = showPath(path);
      const variable = replaced.get(shown);
      if (variable !== undefined) faults.push({ variable, message: `${message} (it takes the place of ${shown})` });
      else
        faults.push({
          position: document.locate(path, part),
          message: `${shown} ${message}${hint(message, path)}`.trim(),
        });
    }
  }
  if (faults.length > 0) throw invalid(file, withoutFollowUps(faults, document));
  if (!parsed.success) throw parsed.error;
  return { settings: resolvePaths(parsed.data, dirname(resolve(file))), file };
}

const FIRST: Position = { line: 1, column: 1 };
const EMPTY = 'the file is empty; `signalbox init --force` writes a new one';

/** Somebody who left a field out may not know it: say what it is for. */
function hint(message: string, path: Path): string {
  const description = message.startsWith('is missing') ? describeField(path) : undefined;
  return description === undefined ? '' : `. ${description}`;
}

/** A fault in the file, or in an environment variable that takes the place of a setting. */
type PlacedFault = { message: string } & ({ position: Position } | { variable: string });

async function readText(file: string, readFile: (file: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : code === 'EISDIR'
            ? 'is a directory'
            : `cannot be read (${code ?? 'unknown error'})`;
    throw new SignalboxError('SBX_CONFIG_NOT_FOUND', `${file} ${why}`, { cause: error });
  }
}

/** What is wrong at a placeholder only repeats that it is one. */
function withoutFollowUps(faults: PlacedFault[], document: ParsedDocument): PlacedFault[] {
  const key = ({ line, column }: Position) => `${line}:${column}`;
  const filled = new Set(document.placeholders.map(key));
  return faults.filter(
    (fault, index) =>
      index < document.placeholders.length || !('position' in fault) || !filled.has(key(fault.position)),
  );
}

function invalid(file: string, faults: readonly PlacedFault[]): SignalboxError {
  const order = (fault: PlacedFault) => ('position' in fault ? fault.position.line * 1e6 + fault.position.column : 0);
  const listed = faults
    .toSorted((a, b) => order(a) - order(b))
    .map(
      (fault): Fault => ({
        at:
          'position' in fault
            ? `${file}:${fault.position.line}:${fault.position.column}`
            : `environment variable ${fault.variable}`,
        message: fault.message,
      }),
    );
  const count = listed.length === 1 ? 'one fault' : `${listed.length} faults`;
  return new SignalboxError('SBX_CONFIG_INVALID', `${file} has ${count}`, { faults: listed });
}
