import { badParameter } from './api-error.ts';
import { type Answer, type Call, ok } from './call.ts';
import { integer, text } from './input.ts';

/** Above this many rows GitLab does not count any more: no x-total, no x-total-pages, no rel="last". */
const COUNT_LIMIT = 10_000;

/** One page of a list that is in its final order, with GitLab's headers. */
export function offsetPage<T>(call: Call, rows: readonly T[], present: (row: T) => unknown, maxPerPage = 100): Answer {
  const { page, perPage } = pageOf(call, maxPerPage);
  const slice = rows.slice((page - 1) * perPage, page * perPage);
  return ok(slice.map(present), offsetHeaders(call, page, perPage, rows.length));
}

/** The same when presenting a row takes git. */
export async function offsetPageAsync<T>(
  call: Call,
  rows: readonly T[],
  present: (row: T) => Promise<unknown>,
): Promise<Answer> {
  const { page, perPage } = pageOf(call, 100);
  const slice = rows.slice((page - 1) * perPage, page * perPage);
  return ok(await Promise.all(slice.map(present)), offsetHeaders(call, page, perPage, rows.length));
}

/** `page` and `per_page` of a request: 20 rows unless told, never more than the maximum. */
export function pageOf(call: Call, maxPerPage = 100): { page: number; perPage: number } {
  const perPage = integer(call.input, 'per_page') ?? 20;
  const page = integer(call.input, 'page') ?? 1;
  if (perPage < 1) throw badParameter('per_page does not have a valid value');
  return { page: Math.max(1, page), perPage: Math.min(maxPerPage, perPage) };
}

export function offsetHeaders(call: Call, page: number, perPage: number, total: number): Record<string, string> {
  const pages = Math.max(1, Math.ceil(total / perPage));
  const counted = total <= COUNT_LIMIT;
  const links: string[] = [];
  const link = (rel: string, target: number) =>
    links.push(`<${pageUrl(call, { page: target, per_page: perPage })}>; rel="${rel}"`);
  if (page > 1) link('prev', page - 1);
  if (page < pages) link('next', page + 1);
  link('first', 1);
  if (counted) link('last', pages);
  return {
    link: links.join(', '),
    'x-next-page': page < pages ? String(page + 1) : '',
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': page > 1 ? String(page - 1) : '',
    ...(counted ? { 'x-total': String(total), 'x-total-pages': String(pages) } : {}),
  };
}

/** This request's address with other parameters, as the Link header carries it. */
export function pageUrl(call: Call, changes: Record<string, string | number | null>): string {
  const parameters = new URLSearchParams(call.url.searchParams);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, String(value));
  }
  return `${call.world.baseUrl}${call.path}?${parameters.toString()}`;
}

export function wantsKeyset(call: Call): boolean {
  return text(call.input, 'pagination') === 'keyset';
}

/**
 * One page by key instead of by number: the Link header has only rel="next", with the last row's key in it.
 * `rows` are in their final order, `keyOf` gives a text that names a row's place.
 */
export function keysetPage<T>(
  call: Call,
  rows: readonly T[],
  keyOf: (row: T) => string,
  present: (row: T) => unknown,
  parameter = 'cursor',
): Answer {
  const { perPage } = pageOf(call);
  const start = keysetStart(call, rows, keyOf, parameter);
  const slice = rows.slice(start, start + perPage);
  return ok(slice.map(present), keysetHeaders(call, rows, start, perPage, keyOf, parameter));
}

export function keysetStart<T>(call: Call, rows: readonly T[], keyOf: (row: T) => string, parameter: string): number {
  const after = text(call.input, parameter);
  if (after === null || after === '') return 0;
  const key = parameter === 'cursor' ? decodeCursor(after) : after;
  const index = rows.findIndex(row => keyOf(row) === key);
  return index < 0 ? rows.length : index + 1;
}

export function keysetHeaders<T>(
  call: Call,
  rows: readonly T[],
  start: number,
  perPage: number,
  keyOf: (row: T) => string,
  parameter: string,
): Record<string, string> {
  const last = rows[start + perPage - 1];
  if (last === undefined || start + perPage >= rows.length) return {};
  const key = keyOf(last);
  const value = parameter === 'cursor' ? Buffer.from(JSON.stringify({ key, _kd: 'n' })).toString('base64url') : key;
  return { link: `<${pageUrl(call, { [parameter]: value, page: null })}>; rel="next"` };
}

function decodeCursor(cursor: string): string {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as { key?: unknown };
    return String(parsed.key);
  } catch {
    throw badParameter('cursor is invalid');
  }
}
