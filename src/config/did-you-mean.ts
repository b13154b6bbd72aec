/** The nearest of the known words, if it is near enough to be a slip of the finger: at most a third of the letters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = normalise(word.slice(0, 64));
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(given, normalise(candidate));
    if (distance <= Math.max(1, Math.floor(candidate.length / 3)) && distance < (best?.distance ?? Infinity))
      best = { word: candidate, distance };
  }
  return best?.word;
}

/** `publicUrl` and `public-url` are `public_url` to somebody who is typing. */
function normalise(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Letters added, dropped, replaced, or two neighbours exchanged. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const dropped = Math.min(last[column] ?? 0, current[column - 1] ?? 0) + 1;
      const exchanged =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? (beforeLast[column - 2] ?? 0) + 1
          : Infinity;
      current.push(Math.min(replaced, dropped, exchanged));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
