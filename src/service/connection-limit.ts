import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { EngineLog } from '../engine/log.ts';
import { ERRORS } from '../errors.ts';

/** Files that the service opens itself while it works: segments, uploads, connections to GitLab, to Freshdesk and to a database. */
const OWN = 96;
const FEWEST = 16;
/** A flood of connections gets a line in the log so often, ms. */
const TOLD_EVERY = 60_000;

/**
 * Takes no more connections than leave files for the work itself: without one to write to, deliveries that are already here
 * could not be stored. Where more come, those that only wait for a next request are closed.
 */
export function limitConnections(server: Server, log: EngineLog): void {
  const files = openFilesLimit();
  if (files === null) return;
  server.maxConnections = Math.max(FEWEST, files.most - files.open - OWN);
  let refused = 0;
  let toldAt = -Infinity;
  server.on('drop', () => {
    refused++;
    server.closeIdleConnections();
    if (performance.now() - toldAt < TOLD_EVERY) return;
    toldAt = performance.now();
    const code = 'SBX_TOO_MANY_CONNECTIONS';
    const found = { connections: server.maxConnections, open_files: files.most, refused };
    log.error('connections are refused', { code, ...found, what_to_do: ERRORS[code].remedy });
  });
}

/** How many files the process may open and has open; null where the kernel is none that says so. */
function openFilesLimit(): { most: number; open: number } | null {
  try {
    const most = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return most === undefined ? null : { most: Number(most), open: readdirSync('/proc/self/fd').length };
  } catch {
    return null;
  }
}
