/** Environment variables, as in `process.env`; handed in, so that only the entry points touch the real ones. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What differs between a container and the next without being worth a file of its own. */
const OVERRIDES = [
  ['SIGNALBOX_LISTEN', 'listen'],
  ['SIGNALBOX_PUBLIC_URL', 'public_url'],
  ['SIGNALBOX_DATA_DIR', 'data_dir'],
  ['SIGNALBOX_LOG_LEVEL', 'log_level'],
] as const;

/**
 * Puts the few settings that an environment variable may replace in place. An empty variable counts as unset.
 *
 * @returns the document, and which path was `replaced` by which variable
 */
export function applyEnvironment(
  document: unknown,
  environment: Environment,
): { value: unknown; replaced: Map<string, string> } {
  const replaced = new Map<string, string>();
  if (!isRecord(document)) return { value: document, replaced };
  const service = document['service'] ?? {};
  if (!isRecord(service)) return { value: document, replaced };
  const overridden: Record<string, unknown> = { ...service };
  for (const [variable, key] of OVERRIDES) {
    const value = environment[variable];
    if (value === undefined || value === '') continue;
    overridden[key] = value;
    replaced.set(`service.${key}`, variable);
  }
  return { value: replaced.size === 0 ? document : { ...document, service: overridden }, replaced };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
