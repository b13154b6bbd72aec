import { z } from 'zod';
import type { Path } from './parse-document.ts';
import { settingsSchema } from './schema.ts';

/** As much of JSON Schema as zod writes and this folder reads. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  multipleOf?: number;
  pattern?: string;
  anyOf?: JsonSchema[];
}

/**
 * The JSON Schema of `signalbox.yaml`, for editors: completion, checks while typing, and help on every field. Draft 7,
 * because that is what the YAML language server reads best.
 */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', target: 'draft-7' }) as JsonSchema;
  return { ...schema, title: 'signalbox.yaml' };
}

/** What the field at a path is for; undefined if there is no such field. */
export function describeField(path: Path): string | undefined {
  let schemas: JsonSchema[] = [configJsonSchema()];
  for (const segment of path) {
    schemas = schemas
      .flatMap(schema => [schema, ...(schema.anyOf ?? [])])
      .flatMap(schema => below(schema, segment) ?? []);
  }
  return schemas.find(schema => schema.description !== undefined)?.description;
}

function below(schema: JsonSchema, segment: PropertyKey): JsonSchema | undefined {
  if (typeof segment === 'number') return schema.items;
  const named = schema.properties?.[String(segment)];
  if (named !== undefined) return named;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}
