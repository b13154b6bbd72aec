/** Whether an element stands on a dark ground: what is seen counts, not what the system prefers. */
export function isOnDark(element: Element): boolean {
  for (let each: Element | null = element; each !== null; each = each.parentElement) {
    const color = readColor(getComputedStyle(each).backgroundColor);
    if (color !== null) return luminance(color) < 0.3;
  }
  return false;
}

type Color = [red: number, green: number, blue: number];

/** `rgb(1, 2, 3)` or `rgba(…)`; null for a ground that lets most of the next one through. */
export function readColor(text: string): Color | null {
  const [red, green, blue, alpha = 1] = (/^rgba?\(([^)]*)\)$/.exec(text)?.[1] ?? '').split(/[,/\s]+/).map(Number);
  if (red === undefined || green === undefined || blue === undefined || !(alpha >= 0.5)) return null;
  return [red, green, blue];
}

export function luminance(color: Color): number {
  const [red, green, blue] = color.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}
