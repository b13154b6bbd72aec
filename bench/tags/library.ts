import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const ENVIRONMENT = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

export function git(directory: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: directory, env: ENVIRONMENT, encoding: 'utf8' }).trim();
}

/**
 * A bare library with a straight history and annotated releases evenly spread over it, packed; its last commit has no version
 * yet. Returns that commit.
 */
export function buildLibrary(directory: string, commits: number, tags: number): string {
  mkdirSync(directory);
  git(directory, 'init', '-q', '--bare', '-b', 'main');
  git(directory, 'config', 'uploadpack.allowFilter', 'true');
  git(directory, 'config', 'http.receivepack', 'true');
  const parts: string[] = [];
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  for (let commit = 0; commit < commits; commit++) {
    const time = 1_600_000_000 + commit * 60;
    parts.push(`commit refs/heads/main\nmark :${commit + 1}\ncommitter Ada <ada@example.com> ${time} +0000\n`);
    parts.push(data(`fix: update ${commit}\n`));
    if (commit === 0) parts.push('M 100644 inline go.mod\n', data('module example.com/library\n\ngo 1.19\n'));
    if (commit % 100 === 0) parts.push(`M 100644 inline dir${commit % 7}/file.go\n`, data(`package x // ${commit}\n`));
  }
  for (let tag = 0; tag < tags; tag++) {
    const at = Math.floor((tag * (commits - 1)) / tags) + 1;
    const name = `v1.${Math.floor(tag / 50)}.${tag % 50}`;
    parts.push(`tag ${name}\nfrom :${at}\ntagger Ada <ada@example.com> 1600000000 +0000\n`, data(`release ${tag}\n`));
  }
  execFileSync('git', ['fast-import', '--quiet'], { cwd: directory, env: ENVIRONMENT, input: parts.join('') });
  git(directory, 'pack-refs', '--all');
  git(directory, 'repack', '-adq');
  return git(directory, 'rev-parse', 'main');
}
