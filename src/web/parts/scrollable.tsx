import type { ComponentChildren } from 'preact';

interface ScrollableProps {
  label: string;
  class?: string;
  children: ComponentChildren;
}

/** What may be wider than a phone: it scrolls by itself, with the keyboard, too. */
export function Scrollable({ label, class: name = '', children }: ScrollableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys.
    <section class={`scroll-x ${name}`} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
