import { spawn } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { runGit } from '../../git/run-git.ts';
import { notFound, refuse } from '../http/api-error.ts';
import type { Answer, Call, Handler } from '../http/call.ts';
import { text } from '../http/input.ts';
import { codeProjectOf } from '../state/access.ts';

type Format = 'tar' | 'tar.gz' | 'tar.bz2' | 'zip';

/** What clients may append to `archive.`, and what they get. */
export const ARCHIVE_FORMATS: Record<string, Format> = {
  tar: 'tar',
  'tar.gz': 'tar.gz',
  tgz: 'tar.gz',
  gz: 'tar.gz',
  zip: 'zip',
  'tar.bz2': 'tar.bz2',
  tbz: 'tar.bz2',
  tbz2: 'tar.bz2',
  tb2: 'tar.bz2',
  bz2: 'tar.bz2',
};

/** What `git archive` gives, under `project-ref-sha/`. */
export function getArchive(format: Format): Handler {
  return async (call: Call): Promise<Answer> => {
    const project = codeProjectOf(call);
    const ref = text(call.input, 'sha') ?? project.defaultBranch;
    const sha = await project.repository.resolve(ref);
    if (sha === null) throw notFound('File');
    const name = `${project.path}-${ref.replaceAll('/', '-')}-${sha}`;
    const kind = format === 'zip' ? 'zip' : 'tar';
    const plain = await runGit(project.repository.path, ['archive', `--format=${kind}`, `--prefix=${name}/`, sha]);
    const body = format === 'tar.gz' ? gzipSync(plain) : format === 'tar.bz2' ? await bzip(plain) : plain;
    return {
      status: 200,
      body,
      headers: {
        'content-type': format === 'zip' ? 'application/zip' : 'application/octet-stream',
        'content-disposition': `attachment; filename="${encodeURIComponent(name)}.${format}"`,
      },
    };
  };
}

const BZIP2 = 'bzip2';

/** Node has no bzip2 of its own: the program, where it is installed. */
function bzip(plain: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(BZIP2, ['-c'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => {});
    child.on('error', () => reject(refuse(400, 'The sandbox needs the program bzip2 for this format')));
    child.on('close', code => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(refuse(500, 'bzip2 failed'))));
    child.stdin.end(plain);
  });
}
