import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from './call.ts';
import { liveCount } from './live.ts';

export interface Resource<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/** The last answers, so that going back shows something at once; asked again all the same. */
const answers = new Map<string, unknown>();
const KEPT = 40;

/** Asks the service, and again when something has happened there (`live`) or `again` is another one. */
export function useResource<T>(path: string | null, options: { live?: boolean; again?: number } = {}): Resource<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: unknown; loading: boolean }>(() => ({
    path,
    data: path === null ? null : ((answers.get(path) as T | undefined) ?? null),
    error: null,
    loading: path !== null,
  }));
  const [asked, setAsked] = useState(0);
  const live = options.live === true ? liveCount.value : 0;
  const running = useRef<AbortController>(undefined);
  useEffect(() => {
    if (path === null) return;
    running.current?.abort();
    const over = new AbortController();
    running.current = over;
    get<T>(path, over.signal).then(
      data => {
        if (over.signal.aborted) return;
        remember(path, data);
        setState({ path, data, error: null, loading: false });
      },
      (error: unknown) => {
        if (over.signal.aborted) return;
        setState(last => ({ path, data: last.path === path ? last.data : null, error, loading: false }));
      },
    );
    return () => over.abort();
  }, [path, asked, live, options.again]);
  const current =
    state.path === path
      ? state
      : { data: path === null ? null : ((answers.get(path) as T | undefined) ?? null), error: null, loading: true };
  return {
    data: current.data,
    error: current.error,
    loading: current.loading,
    reload: () => setAsked(last => last + 1),
  };
}

function remember(path: string, data: unknown): void {
  answers.delete(path);
  answers.set(path, data);
  const [oldest] = answers.keys();
  if (answers.size > KEPT && oldest !== undefined) answers.delete(oldest);
}
