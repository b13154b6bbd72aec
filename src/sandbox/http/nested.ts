/** Reads a query or form as Rack does: `a=1`, `a[]=1&a[]=2`, `a[b]=1`, `a[][b]=1`. */
export function parseNested(text: string): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    addNested(input, key, equals < 0 ? null : decode(pair.slice(equals + 1)));
  }
  return input;
}

/** Puts one value in its place; also used for multipart fields. */
export function addNested(input: Record<string, unknown>, key: string, value: unknown): void {
  const first = /^[^[\]]+/.exec(key)?.[0];
  if (first === undefined) return;
  const rest = [...key.slice(first.length).matchAll(/\[([^\]]*)\]/g)].map(match => match[1] ?? '');
  place(input, first, rest, value);
}

function place(target: Record<string, unknown>, name: string, rest: string[], value: unknown): void {
  if (name === '__proto__') return;
  const [next, ...others] = rest;
  if (next === undefined) {
    target[name] = value;
    return;
  }
  if (next !== '') {
    const child = isRecord(target[name]) ? target[name] : {};
    target[name] = child;
    place(child, next, others, value);
    return;
  }
  const list = Array.isArray(target[name]) ? (target[name] as unknown[]) : [];
  target[name] = list;
  const field = others[0];
  if (field === undefined) {
    list.push(value);
    return;
  }
  // `a[][b]=1&a[][c]=2` describes one element until a field repeats.
  const last = list.at(-1);
  const element = isRecord(last) && !(field in last) ? last : {};
  if (element !== last) list.push(element);
  place(element, field, others.slice(1), value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
