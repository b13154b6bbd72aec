import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const PLACE = 'signalbox-theme';

export const theme = signal<Theme>(remembered());
/** One higher when the colours have changed: canvases are drawn anew. */
export const repaint = signal(0);

export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (theme.value === 'auto') delete dataset['theme'];
  else dataset['theme'] = theme.value;
  repaint.value++;
}

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(PLACE, next);
  } catch {
    // A browser that keeps nothing still shows it until the page is left.
  }
  applyTheme();
}

export function followSystemTheme(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    repaint.value++;
  });
  applyTheme();
}

/** A colour of the design system as a canvas takes it. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(PLACE);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}
