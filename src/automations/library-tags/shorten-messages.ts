import type { CommitFact, Policy } from './snapshot.ts';

const LONGEST = 4_000;

/**
 * Commits as the journal keeps them: of their messages what a bump can be read from, and not the novels of a thousand commits.
 * Trailers stand at the end and everything else that counts at the beginning, so a long one loses its middle.
 */
export function shortenMessages(commits: readonly CommitFact[], policy: Policy): CommitFact[] {
  const whole = policy.bump === 'conventional' || policy.bump === 'keywords';
  return commits.map(({ oid, parents, message }) => {
    const text =
      whole || /^release[ \t]*:/im.test(message) ? cutMiddle(message) : message.split('\n', 1)[0]!.slice(0, 200);
    return { oid, parents: [...parents], message: text };
  });
}

function cutMiddle(message: string): string {
  if (message.length <= LONGEST) return message;
  const half = LONGEST / 2;
  return `${message.slice(0, half)}\n\n[…]\n${message.slice(-half)}`;
}
