import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';

/** A place of signalbox.yaml where a secret may stand, and what stands there. */
export interface SecretKey {
  /** `gitlab.webhook.signing_tokens[]`, `releases.products.*.credentials[].secret` */
  place: string;
  references: Reference[];
}

export type Reference = { file: string } | { env: string } | { credential: string };

/** Every such place, by the schema that editors get: a new secret setting is among them without anybody's doing. */
export function secretKeys(document: unknown): SecretKey[] {
  const found = new Map<string, Reference[]>();
  walk(configJsonSchema(), document, '');
  return [...found].map(([place, references]) => ({ place, references }));

  function walk(schema: JsonSchema, value: unknown, place: string): void {
    if (isSecret(schema)) {
      found.set(place, [...(found.get(place) ?? []), ...(value === undefined ? [] : [value as Reference])]);
      return;
    }
    for (const each of schema.anyOf ?? []) walk(each, value, place);
    const inside = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    for (const [name, each] of Object.entries(schema.properties ?? {}))
      walk(each, inside[name], place === '' ? name : `${place}.${name}`);
    const { additionalProperties: others, items } = schema;
    if (typeof others === 'object') for (const each of values(inside)) walk(others, each, `${place}.*`);
    if (items) for (const each of values(Array.isArray(value) ? value : [])) walk(items, each, `${place}[]`);
  }
}

/** Of an empty collection one look into nothing, so that the place is known. */
function values(collection: object): unknown[] {
  const all = Object.values(collection) as unknown[];
  return all.length === 0 ? [undefined] : all;
}

function isSecret({ anyOf }: JsonSchema): boolean {
  const names = anyOf?.flatMap(each => Object.keys(each.properties ?? {}));
  return names?.join() === 'file,env,credential';
}
