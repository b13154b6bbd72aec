import { BlockList, isIP } from 'node:net';

export interface AddressRules {
  /** Hosts besides Freshdesk's own, as `host` or `host:port`; they may be private and without TLS. */
  hosts: readonly string[];
}

/** An attachment's address comes from the API; an inline image's from the HTML of a mail, so from anybody. */
export type FileKind = 'attachment' | 'inline';

const S3 = /^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/;
const S3_PATH = /^\/(?:[a-z]{2,4}-)?cdn\.freshdesk\.com\//;
const S3_BUCKET = /^(?:[a-z]{2,4}-)?cdn\.freshdesk\.com\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/;
const INLINE_PATH = '/inline/attachment';

/**
 * Whether a file may be fetched from an address: only where Freshdesk keeps its files. What a customer writes into a mail must never
 * make us ask a machine of their choice, least of all one that only we can reach.
 *
 * @returns null, or why not
 */
export function judgeAddress(address: string, kind: FileKind, { hosts }: AddressRules): string | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null) return 'its address cannot be read';
  if (url.username !== '' || url.password !== '') return 'its address carries a password';
  const trusted = isTrusted(url, hosts);
  if (!trusted && url.protocol !== 'https:') return 'its address is not https';
  if (trusted && !/^https?:$/.test(url.protocol)) return 'its address is neither http nor https';
  if (!trusted && !isFreshdesks(url)) return `${url.hostname} is not where Freshdesk keeps files`;
  // Only this one path hands out images to whoever has the token; nothing else on the same host is asked for a mail's sake.
  if (kind === 'inline' && url.pathname !== INLINE_PATH) return 'its address is not that of an inline image';
  return null;
}

/** Whether an operator has named the host. */
export function isTrusted(url: URL, hosts: readonly string[]): boolean {
  return hosts.some(host => host === url.host || host === url.hostname);
}

function isFreshdesks(url: URL): boolean {
  if (url.port !== '') return false;
  if (url.hostname.endsWith('.freshdesk.com')) return true;
  return (S3.test(url.hostname) && S3_PATH.test(url.pathname)) || S3_BUCKET.test(url.hostname);
}

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 96],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  // Both hold an IPv4 address, of which nobody says that it is public.
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is of this machine, this network, or of no network at all; IPv4 inside IPv6 included. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
