import { type Fault, SignalboxError } from '../../../errors.ts';
import type { ProductSettings } from '../settings.ts';
import { isVersion, LONGEST_VERSION, lineOfVersion } from '../version.ts';
import { type GivenFields, pointer } from './given-fields.ts';
import { unsafeText } from './safe-text.ts';

/** What a release says about itself, checked. */
export interface CheckedMetadata {
  version: string;
  line: string;
  environment: string;
  /** The fields as given, in the order of the configuration. */
  metadata: Record<string, string>;
}

export interface MetadataRules {
  product: Pick<ProductSettings, 'metadata' | 'environments'>;
  /** The names of the configured release lines; empty when there are none. */
  lines: readonly string[];
}

/** Always understood, whether the configuration lists them or not. */
const BUILT_IN = ['version', 'line', 'environment'];
const LINE_NAME = /^[0-9a-z](?:[0-9a-z.-]{0,61}[0-9a-z])?$/;

/**
 * Checks metadata against the product's fields.
 *
 * @param version the version in the address, where there is one; a field `version` must then say the same
 * @throws SignalboxError SBX_RELEASE_METADATA_INVALID with all faults at once, `at` JSON pointers
 */
export function checkMetadata(given: GivenFields, rules: MetadataRules, version?: string): CheckedMetadata {
  const faults: Fault[] = [...given.faults];
  const fault = (field: string, message: string) => {
    faults.push({ at: pointer(field), message });
  };
  const values = new Map(given.values);
  if (version !== undefined) {
    const field = values.get('version');
    if (field !== undefined && field !== version) fault('version', 'is another one than that of the address');
    values.set('version', version);
  }

  const known = new Map(Object.entries(rules.product.metadata));
  for (const [field, value] of values) {
    const rule = known.get(field);
    if (!rule && !BUILT_IN.includes(field)) {
      fault(field, `is not a field of this product: it has ${[...new Set([...BUILT_IN, ...known.keys()])].join(', ')}`);
      continue;
    }
    const unsafe = unsafeText(value);
    if (unsafe !== null) fault(field, unsafe);
    else if (value === '' && rule?.required) fault(field, 'must not be empty');
    else if (rule?.pattern !== undefined && !new RegExp(`^(?:${rule.pattern})$`, 'u').test(value)) {
      fault(field, `does not match ${rule.pattern}`);
    }
  }
  const faulty = new Set(given.faults.map(each => each.at));
  for (const [field, rule] of [['version', { required: true }] as const, ...known]) {
    if (rule.required && !values.has(field) && !faulty.has(pointer(field))) {
      faulty.add(pointer(field));
      fault(field, 'is missing');
    }
  }

  const own = checkOwn(values, rules, fault);
  if (faults.length > 0) {
    throw new SignalboxError('SBX_RELEASE_METADATA_INVALID', count(faults), { faults: unique(faults) });
  }
  const metadata = Object.fromEntries(
    [...known.keys()].flatMap(field => {
      const value = field === 'version' ? own.version : values.get(field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
  return { ...own, metadata };
}

/** The fields that Signalbox itself understands. */
function checkOwn(
  values: ReadonlyMap<string, string>,
  { product, lines }: MetadataRules,
  fault: (field: string, message: string) => void,
): { version: string; line: string; environment: string } {
  const version = values.get('version') ?? '';
  const validVersion = isVersion(version);
  if (values.has('version') && !validVersion) {
    fault(
      'version',
      `must be written like 5.4.12 or 5.4.12-rc.1: two to four numbers, at most ${LONGEST_VERSION} characters`,
    );
  }
  const line = values.get('line') ?? (validVersion ? lineOfVersion(version) : '');
  if (line !== '' && !LINE_NAME.test(line)) fault('line', 'must be the name of a release line, such as 5.4');
  else if (line !== '' && lines.length > 0 && !lines.includes(line)) {
    fault('line', `must be one of the configured lines ${lines.join(', ')}`);
  } else if (validVersion && /^\d+(?:\.\d+)*$/.test(line) && !isOfLine(version, line)) {
    fault('line', `is ${line}, but ${version} is not of that line`);
  } else if (line === '' && values.has('line')) fault('line', 'must not be empty');
  const environment = values.get('environment') ?? product.environments[0]!;
  if (!product.environments.includes(environment)) {
    fault('environment', `must be one of ${product.environments.join(', ')}`);
  }
  return { version, line, environment };
}

function isOfLine(version: string, line: string): boolean {
  return `${version.split('-')[0]}.`.startsWith(`${line}.`);
}

function unique(faults: readonly Fault[]): Fault[] {
  return faults.filter(
    (each, at) => faults.findIndex(other => other.at === each.at && other.message === each.message) === at,
  );
}

function count(faults: readonly Fault[]): string {
  const found = unique(faults).length;
  return found === 1 ? 'one field is not as it should be' : `${found} fields are not as they should be`;
}
