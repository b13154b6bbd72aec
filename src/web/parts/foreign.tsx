import { useState } from 'preact/hooks';

const SHOWN = 600;

/** What others wrote: always text, in its own direction, and cut where it is long. */
export function Foreign({ text, most = SHOWN }: { text: string; most?: number }) {
  const [all, setAll] = useState(false);
  if (text.length <= most || all) return <bdi class="foreign">{text}</bdi>;
  return (
    <>
      <bdi class="foreign">{text.slice(0, most)}…</bdi>{' '}
      <button type="button" class="button plain" onClick={() => setAll(true)}>
        Show all {text.length.toLocaleString('en')} characters
      </button>
    </>
  );
}
