import type { Json } from '../api/types.ts';
import { Foreign } from './foreign.tsx';

const MOST = 100;

/** Facts as they are, to be folded open. */
export function JsonTree({ value, open = true }: { value: Json; open?: boolean }) {
  return (
    <div class="tree">
      <Node value={value} open={open} />
    </div>
  );
}

function Node({ name, value, open }: { name?: string; value: Json; open: boolean }) {
  const label = name === undefined ? null : <span class="quiet">{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="leaf">
        {label}
        {typeof value === 'string' ? <Foreign text={value} /> : String(value)}
      </div>
    );
  }
  const entries = Array.isArray(value)
    ? value.map((each, index) => [String(index), each] as const)
    : Object.entries(value);
  if (entries.length === 0) {
    return (
      <div class="leaf">
        {label}
        <span class="quiet">{Array.isArray(value) ? 'none' : 'nothing'}</span>
      </div>
    );
  }
  const rest = entries.length - MOST;
  return (
    <details open={open}>
      <summary>
        {name ?? 'facts'} <span class="quiet">({entries.length})</span>
      </summary>
      {entries.slice(0, MOST).map(([each, inner]) => (
        <Node key={each} name={each} value={inner} open={entries.length <= 6 && open} />
      ))}
      {rest > 0 && <div class="leaf quiet">and {rest} more</div>}
    </details>
  );
}
