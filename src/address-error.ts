import { SignalboxError } from './errors.ts';

/** Who says it of an address: the kernel, or whoever knows the names of hosts. */
const CALLS = new Set(['listen', 'getaddrinfo']);

const REASONS: Record<string, string> = {
  EACCES: 'this user may not listen on this port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EAFNOSUPPORT: 'this machine does not have addresses of this kind',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
};

/** What stands in the way of listening gets a code that people can look up; everything else stays as it is. */
export function addressError(error: unknown, address: string): unknown {
  const { code = '', syscall = '' } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof SignalboxError || !CALLS.has(syscall)) return error;
  if (code === 'EADDRINUSE') return new SignalboxError('SBX_ADDRESS_IN_USE', address, { cause: error });
  return new SignalboxError('SBX_ADDRESS_UNUSABLE', `${address}: ${REASONS[code] ?? code}`, { cause: error });
}
