/** Freshdesk's numbers in words. A number that an account has made up stays one. */
const PRIORITY: Readonly<Record<number, string>> = { 1: 'Low', 2: 'Medium', 3: 'High', 4: 'Urgent' };
const STATUS: Readonly<Record<number, string>> = { 2: 'Open', 3: 'Pending', 4: 'Resolved', 5: 'Closed' };
const VIA: Readonly<Record<number, string>> = {
  0: 'reply',
  1: 'e-mail',
  2: 'note',
  5: 'tweet',
  6: 'survey',
  7: 'Facebook',
  8: 'forwarded e-mail',
  9: 'phone',
  11: 'e-commerce',
};

export const priorityWord = (priority: number): string => PRIORITY[priority] ?? `priority ${priority}`;
export const statusWord = (status: number): string => STATUS[status] ?? `status ${status}`;

/** How a message came: a reply of a customer is an e-mail. */
export function viaWord({
  source,
  incoming,
  private: isPrivate,
}: {
  source: number;
  incoming: boolean;
  private: boolean;
}): string {
  if (source === 2) return isPrivate ? 'private note' : 'public note';
  if (source === 0) return incoming ? 'e-mail' : 'reply';
  return VIA[source] ?? 'message';
}

/** `2026-11-20 10:01 UTC`, whatever zone it was written in. */
export function timeWord(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time.slice(0, 30) : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function sizeWord(bytes: number | null): string {
  if (bytes === null) return '?';
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
