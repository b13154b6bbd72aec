import { expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import { initTemplate } from './init-template.ts';
import { loadConfig } from './load-config.ts';
import { requireWebhookSecret } from './schema.ts';

async function load(text: string) {
  return await loadConfig('signalbox.yaml', { environment: {}, readFile: async () => text });
}

/** For every placeholder outside of a comment, its line. */
function placeholderLines(text: string): number[] {
  return text.split('\n').flatMap(
    (line, index) =>
      line
        .replace(/#.*/, '')
        .match(/<[^<>]+>/g)
        ?.map(() => index + 1) ?? [],
  );
}

it('says of every placeholder, and of nothing else, that it has to be filled in', async () => {
  const text = initTemplate();
  const error: unknown = await load(text).catch((caught: unknown) => caught);
  if (!(error instanceof SignalboxError)) throw error;
  expect(error.faults.map(fault => Number(fault.at.split(':')[1]))).toEqual(placeholderLines(text));
  expect(new Set(error.faults.map(fault => fault.message))).toEqual(
    new Set(['is still a placeholder of the template: fill it in']),
  );
});

it('is a whole configuration once they are', async () => {
  const { settings } = await load(initTemplate().replaceAll(/<([^<>]+)>/g, '$1'));
  expect(settings.gitlab?.url).toBe('https://gitlab.example.com');
  expect(settings.lines?.map(line => line.name)).toEqual(['5.5', '5.4']);
  expect(Object.keys(settings.version_check?.projects ?? {})).toEqual(['group/project']);
  expect(() => requireWebhookSecret(settings)).not.toThrow();
});

it('is as valid with everything that is commented out', async () => {
  const all = initTemplate()
    .replaceAll(/<([^<>]+)>/g, '$1')
    .replaceAll(/^( +)# (?=[a-z_]+:| {2}- )/gm, '$1');
  const { settings } = await load(all);
  expect(settings.service.dashboard).toBeDefined();
  expect(settings.service.api_tokens).toHaveLength(1);
  expect(settings.gitlab?.ops_token).toBeDefined();
  expect(settings.gitlab?.webhook.signing_tokens).toHaveLength(1);
});
