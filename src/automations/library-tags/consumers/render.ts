import { codeSpan } from '../../../gitlab/text/code-span.ts';
import { link } from '../../../gitlab/text/link.ts';
import { blocks, inline, joinInline, type Markdown, markdown } from '../../../gitlab/text/markdown.ts';
import { marker } from '../../../gitlab/text/marker.ts';
import { titleText } from '../../../gitlab/text/title-text.ts';
import type { BumpFacts, ConsumerFacts } from './facts.ts';

export const REQUEST_MARKER = 'library-consumer';
const TRAILER = 'Signalbox-Change: ';

/** The title of a commit and of its merge request. */
export function renderTitle({ bumps, branch, vendored }: ConsumerFacts): string {
  const [first] = bumps;
  const what =
    bumps.length === 1 && first
      ? `Update ${nameOf(first)} to ${first.to}`
      : `Update ${new Set(bumps.map(({ path }) => path)).size} libraries`;
  const title = titleText(`${what} (${branch})`);
  return vendored || bumps.some(({ unmet }) => unmet.length > 0) ? `Draft: ${title}` : title;
}

export function renderCommit(facts: ConsumerFacts): string {
  const lines = facts.bumps.map(({ path, from, to }) => `${path} ${from} -> ${to}`);
  return `${renderTitle(facts).replace(/^Draft: /, '')}\n\n${lines.join('\n')}\n\n${TRAILER}${facts.change}\n`;
}

/** Which change a commit of ours holds; null for somebody else's commit. */
export function readChange(message: string): string | null {
  return new RegExp(`^${TRAILER}([0-9a-f]{16})$`, 'm').exec(message)?.[1] ?? null;
}

export function renderDescription(facts: ConsumerFacts, url: string): Markdown {
  const { bumps, branch, project, change, vendored } = facts;
  const lines = bumps.map(
    ({ path, from, to, library, tag, dir }) =>
      inline`- ${codeSpan(path)} ${codeSpan(from)} → ${link(to, `${url}/${library}/-/tags/${tag}`)}${dir === '' ? inline`` : inline` in ${codeSpan(dir)}`}`,
  );
  const unmet = [...new Set(bumps.flatMap(bump => bump.unmet))];
  return blocks(
    joinInline(lines, '\n'),
    ...(unmet.length > 0
      ? [
          inline`The new versions also require ${joinInline(
            unmet.map(each => codeSpan(each)),
            ', ',
          )}: run ${codeSpan('go mod tidy')} on this branch before it is merged.`,
        ]
      : []),
    ...(vendored
      ? [inline`This repository has a vendor directory: run ${codeSpan('go mod vendor')} on this branch.`]
      : []),
    markdown`It is kept up to date here until it is merged or closed. Commits by somebody else are left alone.`,
    marker({ kind: REQUEST_MARKER, key: `${project}@${branch}`, fields: { change } }),
  );
}

/** `lib-ssh` of `gitlab.example.com/acme/lib-ssh/v2` */
function nameOf({ path }: BumpFacts): string {
  return (
    path
      .split('/')
      .filter(part => !/^v\d+$/.test(part))
      .at(-1) ?? path
  );
}
