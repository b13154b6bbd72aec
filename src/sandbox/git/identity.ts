import type { Identity } from './types.ts';

const OFFSET = /(?:([+-])(\d{2}):?(\d{2})|Z)$/;

/** `Ada <ada@example.com> 1700000000 +0200`, the way git writes who and when into commits and tags. */
export function formatIdentity(identity: Identity): string {
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, '').trim();
  const name = clean(identity.name) || clean(identity.email).split('@')[0] || 'unknown';
  const date = identity.date === undefined ? new Date() : new Date(identity.date);
  if (Number.isNaN(date.getTime())) throw new RangeError(`Not a date: ${identity.date}`);
  const offset = OFFSET.exec(identity.date ?? 'Z');
  const zone = offset?.[1] === undefined ? '+0000' : `${offset[1]}${offset[2]}${offset[3]}`;
  return `${name} <${clean(identity.email)}> ${Math.floor(date.getTime() / 1000)} ${zone}`;
}

export interface ParsedIdentity {
  name: string;
  email: string;
  /** ISO 8601 with `.000` milliseconds and the writer's own offset, as GitLab prints it. */
  date: string;
}

/** The other way round; tolerant, since a push may bring commits any tool has written. */
export function parseIdentity(text: string): ParsedIdentity {
  const match = /^(.*?) ?<([^>]*)>(?: (-?\d+)(?: ([+-]\d{4}))?)?/.exec(text);
  return {
    name: match?.[1]?.trim() ?? text.trim(),
    email: match?.[2] ?? '',
    date: isoDate(Number(match?.[3] ?? 0), match?.[4] ?? '+0000'),
  };
}

/** Unix seconds and a git zone (`+0200`) -> `2023-11-14T23:13:20.000+02:00`. */
export function isoDate(seconds: number, zone: string): string {
  const minutes = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5)));
  const local = new Date(seconds * 1000 + minutes * 60_000);
  if (Number.isNaN(local.getTime())) return '1970-01-01T00:00:00.000+00:00';
  return `${local.toISOString().slice(0, 19)}.000${zone.slice(0, 3)}:${zone.slice(3, 5)}`;
}
