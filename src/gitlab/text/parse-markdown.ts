import MarkdownIt, { type MarkdownIt as Parser, type StateBlock, type Token } from 'markdown-it';

/**
 * The parser for text that comes back from GitLab: markdown-it, because its time grows linearly with hostile input too
 * (references/hostile-input.test.ts holds it to that). GitLab's own `>>>` quotes are added; addresses are not linked
 * here, the readers of the tokens look for them. Escapes and entities stay tokens of their own (`text_special`).
 */
const parser = withQuoteFences(new MarkdownIt({ html: true, linkify: false, typographer: false }));
parser.core.ruler.disable('text_join');

/** The same blocks without a look inside them: several times faster. */
const blockParser = withQuoteFences(new MarkdownIt({ html: true }));
blockParser.core.ruler.enableOnly(['normalize', 'block']);

/** Block tokens, the `inline` ones with their children. Line endings of any kind. */
export function parseMarkdown(text: string): Token[] {
  return parser.parse(text, {});
}

/** Block tokens, the `inline` ones unread. */
export function parseBlocks(text: string): Token[] {
  return blockParser.parse(text, {});
}

function withQuoteFences(markdownIt: Parser): Parser {
  markdownIt.block.ruler.before('blockquote', 'quote_fence', quoteFence, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  return markdownIt;
}

/** `>>>` … `>>>`: quoted lines, kept as one opaque token. Left open it reaches to the end, as in GitLab's parser. */
function quoteFence(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const length = fenceLength(state, startLine);
  if (length === 0) return false;
  if (silent) return true;
  let line = startLine + 1;
  while (line < endLine && !(fenceLength(state, line) >= length) && !leavesContainer(state, line)) line++;
  const closed = line < endLine && fenceLength(state, line) >= length;
  const token = state.push('quote_fence', 'blockquote', 0);
  token.map = [startLine, line];
  state.line = closed ? line + 1 : line;
  return true;
}

function fenceLength(state: StateBlock, line: number): number {
  if ((state.sCount[line] ?? 0) - state.blkIndent > 3) return 0;
  const source = state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  return /^>{3,}[ \t]*$/.test(source) ? source.trimEnd().length : 0;
}

function leavesContainer(state: StateBlock, line: number): boolean {
  return !state.isEmpty(line) && (state.sCount[line] ?? 0) < state.blkIndent;
}
