import type { Handler } from '../http/call.ts';

/** Method, path below /api/v4, handler, and what is unusual about who may call it. */
export type RouteLine = [method: string, path: string, handler: Handler, access?: 'public' | 'user' | 'admin' | 'job'];
