import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { REMEDIES, remedy } from './remedies.ts';

it('fills in what the line names', () => {
  expect(remedy('no boxes')).toBe('Add one entry with a token for each soak box. Until then nobody may report.');
  expect(remedy('role too low', { role: 'Developer', purpose: 'creating tags' })).toBe(
    'Give the bot the role Developer: creating tags needs it.',
  );
});

it('has no row that no check uses', () => {
  const folder = fileURLToPath(new URL('./', import.meta.url));
  const checks = readdirSync(folder).filter(name => name.endsWith('.ts') && !name.startsWith('remedies'));
  const code = checks.map(name => readFileSync(`${folder}${name}`, 'utf8')).join('\n');
  expect(Object.keys(REMEDIES).filter(fault => !code.includes(`'${fault}'`))).toEqual([]);
});
