import { type Fault, SignalboxError } from '../../../errors.ts';

/** No product has as many; what each is checked against grows with their number. */
const MOST_FIELDS = 200;

/** Metadata as they came, before anything is known about them: names and values in the order they were given. */
export class GivenFields {
  readonly #values = new Map<string, string>();
  readonly #faults: Fault[] = [];

  /** Takes one field; a second of the same name is a fault, whatever its value, and so is a twin in other letters. */
  add(field: string, value: string): void {
    this.#assertRoom();
    const twin = [...this.#values.keys()].find(each => each.toLowerCase() === field.toLowerCase());
    if (twin === undefined) this.#values.set(field, value);
    else this.fault(field, twin === field ? 'is given twice' : `is given twice, as ${JSON.stringify(twin)} too`);
  }

  /** Something is wrong with a field whose value is not even kept. */
  fault(field: string, message: string): void {
    this.#assertRoom();
    this.#faults.push({ at: pointer(field), message });
  }

  /** Each field leaves a value or a fault. */
  #assertRoom(): void {
    if (this.#values.size + this.#faults.length < MOST_FIELDS) return;
    throw new SignalboxError('SBX_REQUEST_INVALID', `there are more than ${MOST_FIELDS} fields`);
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
