import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { SignalboxError } from '../../src/errors.ts';
import { mutated, mutatedJson } from './mutate.ts';
import { watchInput } from './watch-input.ts';

/** `npm run test:fuzz -- --runs N --seed S` says more than these. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20261128);
const CORPUS = fileURLToPath(new URL('./corpus/', import.meta.url));

interface Target<T> {
  /** Right ones, and those that once did harm. */
  corpus: readonly T[];
  /**
   * Parses, and throws what is wrong with the result. A SignalboxError is an answer; any other error is a defect, and so is an end
   * that never comes.
   */
  parse: (input: T) => unknown;
  /** Of the runs that were asked for; for parsers that start threads or write files. */
  share?: number;
}

/** Parses inputs that are nearly right. */
export function fuzz(name: string, target: Target<Buffer> & { words?: readonly string[] }): void {
  run(name, target, mutated(target.corpus, target.words), input => input);
}

/** The same for what has been parsed as JSON already. */
export function fuzzJson(name: string, target: Target<unknown>): void {
  run(name, target, mutatedJson(target.corpus), value => Buffer.from(JSON.stringify(value) ?? ''));
}

/** Long inputs, each made to cost a parser the most: bounded like all others. */
export function bombs(name: string, inputs: Record<string, () => Buffer>, parse: (input: Buffer) => unknown): void {
  describe(`${name}, made to be costly`, () => {
    it.each(Object.entries(inputs))('%s', async (_name, make) => {
      const input = make();
      await attempt(name, parse, input, input);
    });
  });
}

/** The files of a folder of corpus/, in their order. */
export function corpus(folder: string): Buffer[] {
  const directory = join(CORPUS, folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .toSorted()
    .map(name => readFileSync(join(directory, name)));
}

function run<T>(name: string, target: Target<T>, inputs: fc.Arbitrary<T>, show: (input: T) => Buffer): void {
  describe(name, () => {
    it('takes or refuses the corpus', async () => {
      if (target.corpus.length === 0) throw new Error('it has no corpus');
      for (const entry of target.corpus) await attempt(name, target.parse, entry, show(entry));
    });

    it('takes or refuses what is nearly right', { timeout: 0 }, async () => {
      const numRuns = Math.max(10, Math.ceil(RUNS * (target.share ?? 1)));
      const property = fc.asyncProperty(inputs, input => attempt(name, target.parse, input, show(input)));
      const outcome = await fc.check(property, { numRuns, seed: SEED });
      if (!outcome.failed) return;
      const bytes = show(outcome.counterexample?.[0] as T);
      const file = join(tmpdir(), `fuzz-${hash('sha256', bytes, 'hex').slice(0, 12)}`);
      writeFileSync(file, bytes);
      const how = `seed ${outcome.seed}, path ${outcome.counterexamplePath}, after ${outcome.numRuns} runs`;
      throw new Error(`${name}: ${how}; the input is in ${file}: keep it in test/fuzz/corpus/`, {
        cause: outcome.errorInstance,
      });
    });
  });
}

async function attempt<T>(name: string, parse: (input: T) => unknown, input: T, bytes: Uint8Array): Promise<void> {
  try {
    await watchInput(name, bytes, () => parse(input));
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
  }
}
