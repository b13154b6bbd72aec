import type { Manager } from '../manager/manager.ts';
import { TEXTS } from '../texts.ts';

const KEY = 'token';

/** The agent's token. It is kept by the userscript manager and typed into the browser's own prompt: the page sees neither. */
export interface Token {
  read: () => Promise<string>;
  /** Whether there was one when it was last read. */
  isSet: () => boolean;
  /** Asks the agent for it. */
  enter: () => void;
}

export function createToken(manager: Manager, changed: () => void): Token {
  let isSet = false;
  manager.onChange(KEY, changed);
  return {
    read: async () => {
      const token = await manager.read(KEY);
      isSet = token !== '';
      return token;
    },
    isSet: () => isSet,
    enter: () => {
      const given = prompt(TEXTS.tokenPrompt);
      if (given === null) return;
      void manager.write(KEY, given.trim()).then(changed);
    },
  };
}
