import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

/** GitLab's own response schemas, the ones its request specs check answers with. They are not part of this project. */
export const SCHEMA_DIRECTORY: string = fileURLToPath(
  new URL('../../../shared/gitlab/schemas/public_api_v4', import.meta.url),
);

export const haveSchemas: boolean = existsSync(SCHEMA_DIRECTORY);

/** Where the files lie in GitLab's tree: their references climb out of the folder and are only right from there. */
const BASE = 'https://gitlab.invalid/spec/fixtures/api/schemas/public_api/v4/';

/** Files that others refer to and that lie outside the folder we have; no stricter than what is known of them. */
const OUTSIDE: Record<string, object> = {
  'https://gitlab.invalid/spec/fixtures/api/schemas/types/nullable_string.json': { type: ['string', 'null'] },
  'https://gitlab.invalid/spec/fixtures/api/schemas/release/links.json': {
    type: 'array',
    items: { type: 'object', required: ['id', 'name', 'url', 'direct_asset_url', 'link_type'] },
  },
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

function load(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  // GitLab's milestones say date-time of what its API gives as a plain date.
  ajv.addFormat('date-time', text => DATE_TIME.test(text) || DATE.test(text));
  ajv.addFormat('date', DATE);
  ajv.addFormat('uri', text => URL.canParse(text));
  ajv.addFormat('zip', true); // a slip in release.json: what is meant is the archive's format
  for (const [id, schema] of Object.entries(OUTSIDE)) ajv.addSchema(schema, id);
  for (const name of readdirSync(SCHEMA_DIRECTORY, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    // Ruby reads {3}{1,2} as "three, once or twice"; JavaScript calls it an error.
    const text = readFileSync(join(SCHEMA_DIRECTORY, name), 'utf8');
    const schema = JSON.parse(text.replaceAll('[0-9A-Fa-f]{3}{1,2}', '(?:[0-9A-Fa-f]{3}){1,2}')) as object;
    ajv.addSchema(schema, BASE + name.split('\\').join('/'));
  }
  return ajv;
}

let loaded: Ajv | null = null;

/** The compiled schema of a file, e.g. `issues.json` or `commit/detail.json`. */
export function schemaOf(name: string): ValidateFunction {
  loaded ??= load();
  const validate = loaded.getSchema(BASE + name);
  if (validate === undefined) throw new Error(`GitLab has no schema ${name} in ${SCHEMA_DIRECTORY}`);
  return validate;
}
