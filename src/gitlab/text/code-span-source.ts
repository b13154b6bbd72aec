/**
 * The Markdown of a code span that shows exactly `content` (one line). Longest run of backticks + 1 outside; a space
 * inside where the content begins or ends with a backtick, or where Markdown would take its outer spaces away.
 */
export function codeSpanSource(content: string): string {
  const fence = '`'.repeat(longestRun(content, '`') + 1);
  const needsPadding =
    content.startsWith('`') || content.endsWith('`') || (/^ .* $/s.test(content) && content.trim() !== '');
  // An empty code span does not exist: the two fences would be one. A single space is the nearest to nothing.
  if (content === '') return '` `';
  return needsPadding ? `${fence} ${content} ${fence}` : `${fence}${content}${fence}`;
}

/** The length of the longest run of `character` in `text`. */
export function longestRun(text: string, character: string): number {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === character ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
