import { type FieldError, validationFailed } from './api-error.ts';

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/**
 * One page of a list, and the `link` header that names the next one; none on the last page. The header has a space after
 * its `<`, as Freshdesk's own has. 400 for more than 100 a page.
 */
export function paginate<T>(items: readonly T[], url: URL, baseUrl: string): { page: T[]; headers: { link?: string } } {
  const errors: FieldError[] = [];
  const perPage = read('per_page', DEFAULT_PER_PAGE, MAX_PER_PAGE);
  const page = read('page', 1, Number.MAX_SAFE_INTEGER);
  if (errors.length > 0) throw validationFailed(errors);
  const start = (page - 1) * perPage;
  const more = start + perPage < items.length;
  const next = new URL(url.pathname + url.search, baseUrl);
  next.searchParams.set('page', String(page + 1));
  return { page: items.slice(start, start + perPage), headers: more ? { link: `< ${next.href}>;rel="next"` } : {} };

  function read(field: string, missing: number, most: number): number {
    const given = url.searchParams.get(field);
    if (given === null) return missing;
    const value = Number(given);
    if (/^\d+$/.test(given) && value >= 1 && value <= most) return value;
    const bound = most === MAX_PER_PAGE ? ` less than or equal to ${MAX_PER_PAGE}` : '';
    errors.push({ field, message: `It should be a Positive Integer${bound}`, code: 'invalid_value' });
    return missing;
  }
}
