import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import { BYTE_SIZE_PATTERN, DURATION_PATTERN } from './quantities.ts';

const HEAD = `# Configuration reference

One file, \`signalbox.yaml\`. This page is written from the schema (\`npm run docs\`); do not edit it.

- \`signalbox init\` writes a first file, \`signalbox config check\` says what is wrong with it, and
  \`signalbox config schema\` prints the JSON Schema, from which editors complete and explain.
- Keys that are not listed here are errors. An automation whose section is missing is off.
- A **secret** never stands in the file. Where it is does: \`{ file: /path }\`, \`{ env: NAME }\`, or
  \`{ credential: name }\` for systemd's \`LoadCredential=\`. One newline at the end is dropped.
- Relative paths to secrets and to \`service.data_dir\` count from the directory of the file.
- A **duration** has its units, the largest first: \`500ms\`, \`90s\`, \`15m\`, \`1h30m\`, \`2d\`. A **size** has one: \`512MiB\`, \`8GiB\`, \`1.5GB\`.
- A field without a default may be left out; what it means then stands with it.
- Put versions and line names in quotes: YAML reads \`5.10\` without quotes as 5.1.
- Anchors, aliases and tags of YAML are not supported.
`;

/** The page `docs/config.md`: every field with its type, default and meaning, from the JSON Schema. */
export function configReference(): string {
  const schema = configJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).map(
    ([key, section]) => `## \`${key}\`\n\n${section.description ?? ''}\n\n${table(key, section)}`,
  );
  return `${[HEAD, ...sections].join('\n').trimEnd()}\n`;
}

function table(key: string, section: JsonSchema): string {
  const rows = fieldsOf(section, key, true).map(row => `| ${row.map(cell).join(' | ')} |`);
  return `| field | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** All fields below a schema, depth first: path, type, default, description. */
function fieldsOf(schema: JsonSchema, path: string, required: boolean): string[][] {
  if (isSecret(schema)) return [];
  const below: string[][] = [];
  const add = (child: JsonSchema, childPath: string, childRequired: boolean) => {
    const isLeaf = child.description !== undefined;
    if (isLeaf) below.push(rowOf(child, childPath, childRequired));
    below.push(...fieldsOf(child, childPath, childRequired));
  };
  for (const [key, child] of Object.entries(schema.properties ?? {}))
    add(child, `${path}.${key}`, schema.required?.includes(key) ?? false);
  if (typeof schema.additionalProperties === 'object') add(schema.additionalProperties, `${path}.*`, required);
  if (schema.items !== undefined) add(schema.items, `${path}[]`, required);
  for (const alternative of schema.anyOf ?? []) below.push(...fieldsOf(alternative, path, required));
  return below;
}

function rowOf(schema: JsonSchema, path: string, required: boolean): string[] {
  const byDefault =
    schema.default === undefined ? (required ? '**required**' : '') : `\`${JSON.stringify(schema.default)}\``;
  return [
    `\`${path.slice(path.indexOf('.') < 0 ? 0 : path.search(/[.[]/)).replace(/^\./, '')}\``,
    typeOf(schema),
    byDefault,
    schema.description ?? '',
  ];
}

function typeOf(schema: JsonSchema): string {
  if (isSecret(schema)) return 'secret';
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``;
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${String(value)}\``).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.multipleOf === 1) return 'whole number';
  if (schema.pattern === DURATION_PATTERN.source) return 'duration';
  if (schema.pattern === BYTE_SIZE_PATTERN.source) return 'size';
  const names: Record<string, string> = {
    string: 'text',
    boolean: 'true or false',
    object: 'section',
  };
  return names[schema.type ?? ''] ?? schema.type ?? '';
}

function isSecret(schema: JsonSchema): boolean {
  const keys = schema.anyOf?.map(each => Object.keys(each.properties ?? {}).join()).join(' ');
  return keys === 'file env credential';
}
