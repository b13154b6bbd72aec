import { computed, signal } from '@preact/signals';
import { get, Problem, send, setCsrf, toSignIn } from './call.ts';

export interface Session {
  name: string;
  role: 'viewer' | 'operator';
  /** Null for a token: only a browser's own session has to prove where a change comes from. */
  csrf: string | null;
}

export const session = signal<Session | null>(null);

/** Whether the person may change something; the service checks it again. */
export const mayAct = computed(() => session.value?.role === 'operator');

export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>('/v1/session');
    setCsrf(session.value.csrf ?? '');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/v1/session');
  toSignIn();
}
