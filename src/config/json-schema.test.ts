import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configReference } from './config-reference.ts';
import { configJsonSchema, describeField, type JsonSchema } from './json-schema.ts';
import { loadConfig } from './load-config.ts';

const EXAMPLE = new URL('../../examples/signalbox.yaml', import.meta.url);
const REFERENCE = new URL('../../docs/config.md', import.meta.url);

const validate = new Ajv({ strict: false }).compile(configJsonSchema());

/** Every property in the schema that an editor would show without a word of help. */
function undescribed(schema: JsonSchema, path: string): string[] {
  const children = Object.entries(schema.properties ?? {});
  return [
    ...children.filter(([, child]) => child.description === undefined).map(([key]) => `${path}.${key}`),
    ...children.flatMap(([key, child]) => undescribed(child, `${path}.${key}`)),
    ...(typeof schema.additionalProperties === 'object' ? undescribed(schema.additionalProperties, `${path}.*`) : []),
    ...(schema.items === undefined ? [] : undescribed(schema.items, `${path}[]`)),
    ...(schema.anyOf ?? []).flatMap((each, index) => undescribed(each, `${path}|${index}`)),
  ];
}

describe('the JSON Schema', () => {
  it('accepts the example, as the loader does', async () => {
    const text = await readFile(EXAMPLE, 'utf8');
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    const { settings } = await loadConfig(EXAMPLE.pathname, { environment: {} });
    expect(Object.keys(settings).toSorted()).toEqual(Object.keys(configJsonSchema().properties ?? {}).toSorted());
  });

  it.each([
    [{ servce: {} }],
    [{ service: { listen: 8080 } }],
    [{ gitlab: { url: 'https://g', token: 'glpat-x' } }],
    [{ gitlab: { url: 'https://g' } }],
    [{ lines: [{ name: 5.5, branch: 'main' }] }],
    [{ version_check: { projects: { 'a/b': { version: [{}] } } } }],
    [{ version_check: { projects: { 'a/b': { version: [{ file: 'V', branch: '(x)' }] } } } }],
    [{ version_check: { projects: { 'a/b': { version: [{ file: 'V' }], gate: ['threads'] } } } }],
  ])('refuses %j', document => {
    expect(validate(document)).toBe(false);
  });

  it('helps on every field', () => {
    expect(undescribed(configJsonSchema(), '')).toEqual([]);
    expect(describeField(['version_check', 'projects', 'a/b', 'version', 0, 'file'])).toMatch(
      /^A file in the repository/,
    );
    expect(describeField(['service', 'database', 'postgres'])).toMatch(/password/);
    expect(describeField(['service', 'nonsense'])).toBeUndefined();
  });
});

it('docs/config.md is what the schema says (npm run docs writes it)', async () => {
  expect(await readFile(REFERENCE, 'utf8')).toBe(configReference());
});

it('the reference names every field of the schema', () => {
  const page = configReference();
  for (const field of [
    'listen',
    'database.postgres',
    'api_tokens[].role',
    'webhook.signing_tokens',
    '[].branch',
    'projects.*.version[].xml',
    'projects.*.override.role',
  ])
    expect(page).toContain(`| \`${field}\` |`);
});
