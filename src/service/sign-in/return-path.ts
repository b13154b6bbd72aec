const ANY_ORIGIN = 'http://signalbox.invalid';

/** Where to go after signing in: a path of this service, never another site. */
export function returnPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || !URL.canParse(wanted, ANY_ORIGIN)) return '/';
  const url = new URL(wanted, ANY_ORIGIN);
  // Browsers read a backslash as a slash, and drop tabs and line ends: the parser has done the same.
  if (url.origin !== ANY_ORIGIN || url.pathname.startsWith('//') || url.pathname.startsWith('/sign-in')) return '/';
  return url.pathname + url.search + url.hash;
}
