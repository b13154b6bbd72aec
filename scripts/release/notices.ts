import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Packages } from './collect-packages.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const manifest = z.object({
  license: z.string().default('see its Readme'),
  author: z
    .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
    .default('its contributors'),
});
const RULE = `\n${'-'.repeat(80)}\n`;

/** The licences of all that is bundled, in their own words: most ask for no more than that their text goes along. */
export function writeNotices(bundled: Packages): string {
  const all = [...bundled].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const notices = all.map(([name, { directory }]) => `${name}\n\n${textsOf(directory).join('\n\n')}`);
  return `What is in Signalbox besides its own code, and by which licences.\n${RULE}\n${notices.join(`\n${RULE}\n`)}\n`;
}

function textsOf(directory: string): string[] {
  const files = readdirSync(directory)
    .filter(name => LICENCE_FILE.test(name))
    .toSorted();
  const texts = files.map(name => readFileSync(join(directory, name), 'utf8').trim());
  if (texts.length > 0) return texts;
  const { license, author } = manifest.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  return [`Licence: ${license}. By ${author}. It comes without a file of its licence.`];
}
