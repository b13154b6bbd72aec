import { execFile } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SignalboxError } from '../../errors.ts';

/** The build that ran when a race was seen. */
export interface Build {
  /** A version, a tag or a commit: best what GitLab knows, because from it come the links to the lines. */
  name: string;
  /** Was it made with the race detector? Undefined when nothing says. */
  race?: boolean;
}

/**
 * The build from what lies on the box: a Go program names its commit itself (`go version -m`), a folder is asked with git.
 *
 * @throws SignalboxError SBX_USAGE when it says nothing about its build
 */
export async function buildFrom(path: string): Promise<Build> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new SignalboxError('SBX_USAGE', `--build-from ${path}: there is no such file or folder`);
  return found.isDirectory() ? fromGit(path) : fromGoProgram(path);
}

async function fromGit(folder: string): Promise<Build> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', folder, ...args], { timeout: 30_000 })).stdout.trim();
  try {
    // The tag, or how far it is from it and the commit; `-dirty` when files were changed.
    return { name: await git('describe', '--tags', '--always', '--abbrev=12', '--dirty') };
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string; stderr?: string };
    const why = code === 'ENOENT' ? 'git is not installed' : stderr.trim().split('\n')[0];
    throw new SignalboxError('SBX_USAGE', `--build-from ${folder}: ${why}`, { cause: error });
  }
}

const BLOCK = 1024 * 1024;
/** The build settings are a few lines; they are looked for across the edges of blocks, too. */
const OVERLAP = 16 * 1024;
const SETTING = /^build\t([^=\n]+)=([^\n]*)$/gm;

/** Reads the build settings that Go writes into every program: lines `build<TAB>vcs.revision=…`. */
async function fromGoProgram(path: string): Promise<Build> {
  await using file = await open(path, 'r');
  const bytes = Buffer.alloc(BLOCK + OVERLAP);
  let kept = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, kept, BLOCK);
    const end = kept + bytesRead;
    const at = bytes.subarray(0, end).indexOf('\nbuild\t');
    if (at >= 0 && (at < end - OVERLAP || bytesRead === 0)) return buildOf(settingsIn(bytes, at, end), path);
    if (bytesRead === 0) break;
    kept = Math.min(OVERLAP, end);
    bytes.copyWithin(0, end - kept, end);
  }
  throw new SignalboxError('SBX_USAGE', `--build-from ${path}: this is no Go program that says what it was built from`);
}

function settingsIn(bytes: Buffer, at: number, end: number): Map<string, string> {
  const settings = new Map<string, string>();
  // What is around them is machine code; latin1 leaves every byte in its place.
  const text = bytes.toString('latin1', at + 1, Math.min(end, at + OVERLAP));
  for (const [, name = '', value = ''] of text.matchAll(SETTING)) if (!settings.has(name)) settings.set(name, value);
  return settings;
}

function buildOf(settings: ReadonlyMap<string, string>, path: string): Build {
  const commit = settings.get('vcs.revision');
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new SignalboxError('SBX_USAGE', `--build-from ${path}: it was built outside of a repository; use --build`);
  }
  return {
    name: `${commit.slice(0, 12)}${settings.get('vcs.modified') === 'true' ? '-dirty' : ''}`,
    race: settings.get('-race') === 'true',
  };
}
