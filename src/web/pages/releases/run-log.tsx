import { useEffect, useRef, useState } from 'preact/hooks';
import { readJson } from '../../api/read-json.ts';

/** The end of a log is what counts; a browser should not keep a gigabyte of it. */
const KEPT = 200_000;

/** What a run of the release script has printed, as it prints it. */
export function RunLog({ path }: { path: string }) {
  const [text, setText] = useState('');
  const [state, setState] = useState<'reading' | 'ended' | 'failed'>('reading');
  const place = useRef<HTMLPreElement>(null);
  useEffect(() => {
    setText('');
    setState('reading');
    const source = new EventSource(path);
    let waiting = '';
    let drawn: number | undefined;
    const draw = () => {
      drawn = undefined;
      const more = waiting;
      waiting = '';
      setText(last => (last + more).slice(-KEPT));
    };
    source.addEventListener('output', event => {
      waiting = (waiting + readJson<string>((event as MessageEvent<string>).data)).slice(-KEPT);
      drawn ??= requestAnimationFrame(draw);
    });
    source.addEventListener('end', () => {
      source.close();
      setState('ended');
    });
    source.addEventListener('error', () => {
      // It would begin from the start again.
      source.close();
      setState(last => (last === 'ended' ? last : 'failed'));
    });
    return () => {
      source.close();
      if (drawn !== undefined) cancelAnimationFrame(drawn);
    };
  }, [path]);
  useEffect(() => {
    const log = place.current;
    if (log && state === 'reading') log.scrollTop = log.scrollHeight;
  }, [text]);
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard, too. */}
      <pre ref={place} class="log" role="log" aria-label="Output of the release script" tabIndex={0}>
        {text === '' ? (
          <span class="quiet">{state === 'reading' ? 'Waiting for output …' : 'It printed nothing.'}</span>
        ) : (
          <bdi>{text}</bdi>
        )}
      </pre>
      {state === 'failed' && (
        <p class="small quiet">The connection ended before the log did; open it again to go on.</p>
      )}
    </div>
  );
}
