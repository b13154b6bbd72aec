/**
 * The types that keep raw strings out of GitLab texts: what wants Markdown takes `Markdown`, and only the functions of
 * this folder make one. `InlineMarkdown` has no line break and no block in it, so it also fits a table cell or a link.
 */
declare const brand: unique symbol;

export type Markdown = string & { readonly [brand]: 'inline' | 'block' };
export type InlineMarkdown = Markdown & { readonly [brand]: 'inline' };

/** For this folder only: vouches that `source` is inert, one-line Markdown. */
export function asInline(source: string): InlineMarkdown {
  return source as InlineMarkdown;
}

/** For this folder only: vouches that `source` is inert Markdown. */
export function asMarkdown(source: string): Markdown {
  return source as Markdown;
}

/**
 * Running text of our own with safe pieces in it: ``inline`Merges ${codeSpan(branch)} into ${codeSpan(target)}` ``.
 * The literal parts are ours and stay as written; a raw string as a value does not compile.
 */
export function inline(
  literals: TemplateStringsArray,
  ...values: readonly (InlineMarkdown | number)[]
): InlineMarkdown {
  return asInline(weave(literals, values));
}

/** As `inline`, for one or more blocks: a list, a heading, several paragraphs of our own. */
export function markdown(literals: TemplateStringsArray, ...values: readonly (Markdown | number)[]): Markdown {
  return asMarkdown(weave(literals, values));
}

/** Blocks under one another, one blank line between; empty ones are left out. */
export function blocks(...parts: readonly Markdown[]): Markdown {
  return asMarkdown(parts.filter(part => part.trim() !== '').join('\n\n'));
}

/** Pieces of running text in a row, e.g. a list of branches, with a separator of our own. */
export function joinInline(parts: readonly InlineMarkdown[], separator: string): InlineMarkdown {
  return asInline(
    parts.reduce<string>((text, part, index) => (index === 0 ? part : glue(glue(text, separator), part)), ''),
  );
}

function weave(literals: readonly string[], values: readonly (string | number)[]): string {
  return literals.reduce((text, literal, index) => glue(glue(text, String(values[index - 1])), literal));
}

/** Two code spans that touch would become one with other ends, and set free what they hold: a space keeps them apart. */
function glue(left: string, right: string): string {
  return left.endsWith('`') && right.startsWith('`') ? `${left} ${right}` : left + right;
}
