import { SignalboxError } from '../../errors.ts';
import type { Chapter, Claim, Stage } from './chapter.ts';

/** What became of a chapter. */
export interface Played {
  number: number;
  title: string;
  line: string;
  claims: Claim[];
  /** How long it took, ms. */
  took: number;
}

/** Plays the chapters one after the other; one that breaks off is missing, and the others are played all the same. */
export async function play(
  chapters: readonly Chapter[],
  stage: Stage,
  tell: (played: Played) => void,
): Promise<Played[]> {
  const all: Played[] = [];
  for (const { number, title, play: playChapter } of chapters) {
    const start = performance.now();
    const { line, claims } = await playChapter(stage).catch((error: unknown) => {
      const why = error instanceof SignalboxError ? `${error.code}: ${error.detail}` : String(error);
      return { line: `broke off: ${why}`, claims: [{ claim: `it is played to the end (${why})`, holds: false }] };
    });
    const played = { number, title, line, claims, took: performance.now() - start };
    tell(played);
    all.push(played);
  }
  return all;
}

/** `1  Version check  ok       a merge request …` */
export function describePlayed({ number, title, line, claims }: Played): string {
  const outcome = missing(claims).length === 0 ? 'ok' : 'MISSING';
  return `${number}  ${title.padEnd(TITLE)}  ${outcome.padEnd(7)}  ${line}`;
}

const TITLE = 14;

/** A row for each chapter, below it what is missing, and the sum in the last line. */
export function summarize(all: readonly Played[]): string[] {
  const rows = all.flatMap(({ number, title, claims, took }) => {
    const holds = `${claims.length - missing(claims).length} of ${claims.length}`;
    const row = `${number}  ${title.padEnd(TITLE)}  ${holds.padStart(8)}  ${(took / 1000).toFixed(1).padStart(7)} s`;
    return [row, ...missing(claims).map(({ claim }) => `   MISSING: ${claim}`)];
  });
  const count = all.flatMap(({ claims }) => missing(claims)).length;
  const sum =
    count === 0
      ? 'Verified in the sandbox: the story came out as it should.'
      : `${count} ${count === 1 ? 'thing is' : 'things are'} missing.`;
  return [`#  ${'automation'.padEnd(TITLE)}  verified       took`, ...rows, sum];
}

export function isComplete(all: readonly Played[]): boolean {
  return all.every(({ claims }) => missing(claims).length === 0);
}

function missing(claims: readonly Claim[]): Claim[] {
  return claims.filter(({ holds }) => !holds);
}
