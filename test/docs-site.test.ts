import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** `npm run docs:site`: it builds, every page is in it, and no link or anchor of it is dead. */
const root = fileURLToPath(new URL('../', import.meta.url));
let site: string;
let printed: string;

beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'signalbox-site-'));
  const program = join(root, 'node_modules/vitepress/bin/vitepress.js');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, 'build', 'docs', '--outDir', site], {
    cwd: root,
    timeout: 180_000,
  });
  printed = stdout + stderr;
}, 200_000);
afterAll(() => rmSync(site, { recursive: true, force: true }));

function filesBelow(directory: string, ending: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending) && !name.includes('.vitepress'))
    .toSorted();
}

/** Where a link within the site leads: a file of it, and an anchor in that. */
function targetOf(page: string, link: string): { file: string; anchor: string } {
  const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent);
  if (path === '') return { file: join(site, page), anchor };
  const file = path.startsWith('/') ? join(site, path) : join(site, dirname(page), path);
  if (existsSync(file) && statSync(file).isDirectory()) return { file: join(file, 'index.html'), anchor };
  return { file: existsSync(file) ? file : `${file}.html`, anchor };
}

it('has every page, and a search over them', () => {
  const pages = filesBelow(join(root, 'docs'), '.md').map(name =>
    name.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'),
  );
  expect(filesBelow(site, '.html')).toEqual(expect.arrayContaining(pages));
  expect(readdirSync(join(site, 'assets/chunks')).some(name => name.includes('localSearchIndex'))).toBe(true);
  expect(printed).not.toContain('Error');
});

it('has no dead link', () => {
  const dead: string[] = [];
  let looked = 0;
  for (const page of filesBelow(site, '.html')) {
    if (page === '404.html') continue;
    const html = readFileSync(join(site, page), 'utf8');
    for (const [, link = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      looked++;
      const { file, anchor } = targetOf(page, link.replaceAll('&amp;', '&'));
      if (!existsSync(file)) dead.push(`${page}: ${link}`);
      else if (anchor !== '' && !readFileSync(file, 'utf8').includes(`id="${anchor}"`)) {
        dead.push(`${page}: ${link} (${relative(site, file)} has no such anchor)`);
      }
    }
  }
  expect(looked).toBeGreaterThan(300);
  expect([...new Set(dead)]).toEqual([]);
});
