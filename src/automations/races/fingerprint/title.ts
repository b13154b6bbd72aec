import { splitFunction } from './standard-library.ts';

/** GitLab's limit on titles, in characters. */
const LONGEST_TITLE = 255;

/** `github.com/acme/app/pkg/cache` without the repository: `pkg/cache`; a module's root is named by its last element. */
function shortPackage(path: string): string {
  const elements = path.split('/').filter(element => !/^v\d+$/.test(element));
  const inner = elements[0]?.includes('.') ? elements.slice(elements[0].split('.').length > 1 ? 3 : 1) : elements;
  return (inner.length === 0 ? elements.slice(-1) : inner.slice(-3)).join('/');
}

/** A site as people say it: the function without its package, and the package apart. */
function spoken(site: string, detector: string): { name: string; place: string } {
  const creation = site.startsWith('@');
  const [first = '', ...callers] = site.replace(/^@/, '').split('<');
  if (detector !== 'go') return { name: first, place: '' };
  const { path, symbol } = splitFunction(first);
  const via = callers.map(caller => splitFunction(caller).symbol);
  const name = [symbol, ...via].join(' < ');
  return { name: creation ? `goroutine of ${name}` : name, place: shortPackage(path) };
}

/** `Data race: (*Cache).Set ↔ (*Cache).Get (pkg/cache)`; what an issue is called, never what it is known by. */
export function titleOf(type: string, detector: string, sites: readonly string[]): string {
  const kind = type === 'data race' ? 'Data race' : `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  const [a = '?', b = '?'] = sites;
  const left = spoken(a, detector);
  const right = spoken(b, detector);
  const place = (site: { place: string }): string => (site.place === '' ? '' : ` (${site.place})`);
  const pair =
    left.place === right.place
      ? `${left.name} ↔ ${right.name}${place(left)}`
      : `${left.name}${place(left)} ↔ ${right.name}${place(right)}`;
  const title = `${kind}: ${pair}`;
  return title.length <= LONGEST_TITLE ? title : `${title.slice(0, LONGEST_TITLE - 1)}…`;
}
