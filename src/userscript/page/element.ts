/** Makes an element. Texts become text nodes: nothing that came from outside is ever parsed as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A link to another tab that tells nothing about where it came from; plain text where there is no address. */
export function externalLink(text: string, url: string | null, className = ''): HTMLElement {
  if (url === null) return element('span', { class: className }, text);
  return element('a', { class: className, href: url, target: '_blank', rel: 'noopener noreferrer' }, text);
}
