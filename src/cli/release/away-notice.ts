/** Tells who looks at a command why it stands still. */
export interface AwayNotice {
  /** The service does not answer. */
  away(): void;
  /** It does again. */
  back(): void;
}

/** A restart is over sooner, and nothing to speak of. */
const PATIENCE = 2000;

/** Says on standard error, once, that a service is waited for which has been away for longer than a restart takes. */
export function awayNotice(url: string, say = (line: string) => void process.stderr.write(line)): AwayNotice {
  let timer: NodeJS.Timeout | undefined;
  let said = false;
  return {
    away() {
      if (said) return;
      timer ??= setTimeout(() => {
        said = true;
        say(`${url} does not answer; waiting for it\n`);
      }, PATIENCE).unref();
    },
    back() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
