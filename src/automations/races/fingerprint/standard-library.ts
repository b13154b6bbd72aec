/** First elements of the import paths of Go's standard library; no module with a domain in its path begins so. */
const ROOTS = new Set(
  (
    'archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors ' +
    'expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp ' +
    'runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe weak'
  ).split(' '),
);

/** Roots that are also everyday words: below them only these are the library's, `container/manager` is the company's. */
const BELOW: Record<string, readonly string[]> = {
  archive: ['tar', 'zip'],
  container: ['heap', 'list', 'ring'],
  database: ['sql'],
  debug: ['buildinfo', 'dwarf', 'elf', 'gosym', 'macho', 'pe', 'plan9obj'],
  image: ['color', 'draw', 'gif', 'internal', 'jpeg', 'png'],
  index: ['suffixarray'],
  log: ['internal', 'slog', 'syslog'],
  path: ['filepath'],
  plugin: [],
  text: ['internal', 'scanner', 'tabwriter', 'template'],
};

/** Import path and symbol of a printed function name: `a.b/c.(*T).M` is `a.b/c` and `(*T).M`. */
export function splitFunction(name: string): { path: string; symbol: string } {
  // Slashes in type arguments and receivers are not the import path's.
  const bracket = name.search(/[([]/);
  const slash = (bracket < 0 ? name : name.slice(0, bracket)).lastIndexOf('/');
  const dot = name.indexOf('.', slash + 1);
  if (dot < 0) return { path: '', symbol: name };
  return { path: name.slice(0, dot), symbol: name.slice(dot + 1) };
}

/**
 * Does the function belong to Go's standard library or runtime? Decided by import path and never by file, because
 * `-trimpath` and toolchain downloads move the files. Names without a package (`gosched0`, cgo stubs) count as runtime.
 */
export function isStandard(name: string): boolean {
  const { path } = splitFunction(name);
  if (path === '') return true;
  const [root = '', below] = path.split('/');
  if (!ROOTS.has(root)) return false;
  const known = BELOW[root];
  return below === undefined || known === undefined || known.includes(below);
}
