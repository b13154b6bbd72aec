/** Where a release's own page is. */
export function releasePath(product: string, version: string): string {
  return `/releases/${encodeURIComponent(product)}/${encodeURIComponent(version)}`;
}
