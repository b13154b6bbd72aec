/** A schema as a program that knows nothing of the next one sees it. */
export interface Schema {
  /** By table and name, such as `work.due_at`. */
  columns: Record<string, Column>;
  /** What may be there once only, such as `deliveries(source, dedupe_key)`. */
  unique: string[];
}

export interface Column {
  type: string;
  nullable: boolean;
  /** Who writes a row need not name it. */
  optional: boolean;
}

/** What a program that knows `before` could not do any more with `after`; nothing, where the migration only adds. */
export function judgeChange(before: Schema, after: Schema): string[] {
  const faults: string[] = [];
  const tables = new Set(Object.keys(before.columns).map(tableOf));
  for (const [name, was] of Object.entries(before.columns)) {
    const is = after.columns[name];
    if (!is) faults.push(`${name} is gone, or has another name`);
    else if (is.type !== was.type) faults.push(`${name} is of type ${is.type} instead of ${was.type}`);
    else if (was.nullable && !is.nullable) faults.push(`${name} takes no null any more`);
    else if (!was.nullable && is.nullable) faults.push(`${name} can be null, which nobody expects`);
    else if (was.optional && !is.optional) faults.push(`${name} must be named by who writes a row`);
  }
  for (const [name, is] of Object.entries(after.columns)) {
    const isNew = !(name in before.columns) && tables.has(tableOf(name));
    if (isNew && !is.optional) faults.push(`${name} is new, and must be named by who writes a row`);
  }
  for (const unique of before.unique) {
    if (!after.unique.includes(unique)) faults.push(`${unique} is not unique any more: "on conflict" needs it`);
  }
  for (const unique of after.unique) {
    if (!before.unique.includes(unique) && tables.has(tableOf(unique))) {
      faults.push(`${unique} is unique now: what was written before may be refused`);
    }
  }
  return faults;
}

function tableOf(name: string): string {
  return /^\w+/.exec(name)?.[0] ?? name;
}
