import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/call.ts';
import { useResource } from '../api/resource.ts';

export interface Pages<Item, Answer> {
  items: Item[];
  /** The answer with the first page. */
  first: Answer | null;
  error: unknown;
  loading: boolean;
  /** Loads the next page; null at the end. */
  more: (() => void) | null;
}

/** A list that is asked for a page at a time; its first page follows what happens. */
export function usePages<Item, Answer>(
  path: string,
  itemsOf: (answer: Answer) => Item[],
  nextOf: (answer: Answer) => string | null,
): Pages<Item, Answer> {
  const { data, error, loading } = useResource<Answer>(path, { live: true });
  const [further, setFurther] = useState<{ path: string; answers: Answer[]; error: unknown }>({
    path,
    answers: [],
    error: null,
  });
  const asking = useRef(false);
  useEffect(() => setFurther({ path, answers: [], error: null }), [path]);
  const answers = [...(data ? [data] : []), ...(further.path === path ? further.answers : [])];
  const last = answers.at(-1);
  const next = last ? nextOf(last) : null;
  const more = () => {
    if (next === null || asking.current) return;
    asking.current = true;
    get<Answer>(next)
      .then(
        answer =>
          setFurther(current =>
            current.path === path ? { ...current, answers: [...current.answers, answer], error: null } : current,
          ),
        (failure: unknown) => setFurther(current => ({ ...current, error: failure })),
      )
      .finally(() => {
        asking.current = false;
      });
  };
  return {
    items: answers.flatMap(itemsOf),
    first: data,
    error: error ?? further.error,
    loading,
    more: next === null ? null : more,
  };
}
