import { SignalboxError } from '../../errors.ts';
import { type Check, fail, ok } from './check.ts';

/** A fix that says what was done, or why it could not be: `change` returns the detail of the check that is now OK. */
export function tryFix(name: string, change: () => Promise<string>, byHand: string): () => Promise<Check> {
  return async () => {
    try {
      return ok(name, await change());
    } catch (error) {
      return fail(name, error instanceof SignalboxError ? error.detail : String(error), byHand);
    }
  };
}
