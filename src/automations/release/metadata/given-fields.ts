import type { Fault } from '../../../errors.ts';

/** Metadata as they came, before anything is known about them: names and values in the order they were given. */
export class GivenFields {
  readonly #values = new Map<string, string>();
  readonly #faults: Fault[] = [];

  /** Takes one field; a second of the same name is a fault, whatever its value, and so is a twin in other letters. */
  add(field: string, value: string): void {
    const twin = [...this.#values.keys()].find(each => each.toLowerCase() === field.toLowerCase());
    if (twin === undefined) this.#values.set(field, value);
    else this.fault(field, twin === field ? 'is given twice' : `is given twice, as ${JSON.stringify(twin)} too`);
  }

  /** Something is wrong with a field whose value is not even kept. */
  fault(field: string, message: string): void {
    this.#faults.push({ at: pointer(field), message });
  }

  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }
}

/** RFC 6901; a name that nobody configured is cut, so that it cannot fill a log. */
export function pointer(field: string): string {
  const short = field.length > 80 ? `${field.slice(0, 80)}…` : field;
  return `/${short.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
