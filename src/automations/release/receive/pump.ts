import type { IncomingMessage } from 'node:http';
import { SignalboxError } from '../../../errors.ts';
import { Pace } from './pace.ts';

/** Where a body's bytes go. */
export interface Sink {
  /** Throws to end the upload. */
  write(chunk: Buffer): void;
  readonly mustWait: boolean;
  drained(): Promise<void>;
  /** It has what it wanted; the rest of the body is left where it is. */
  readonly done?: boolean;
}

export interface PumpOptions {
  idle: number;
  minRate: number;
  /** Ends the upload from outside: the service stops, another request takes over. */
  signal: AbortSignal;
}

/**
 * Moves a request's body into a sink, at the sink's speed.
 *
 * @throws what the sink throws, the signal's reason, SignalboxError SBX_RELEASE_TOO_SLOW, SBX_RELEASE_BROKEN_OFF when the
 * connection ends before the body does
 */
export function pump(request: IncomingMessage, sink: Sink, options: PumpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const pace = new Pace({ idle: options.idle, minRate: options.minRate, tooSlow: end });
    const onAbort = () => end(options.signal.reason);
    const onEnd = () => end();
    const onBreak = () => end(new SignalboxError('SBX_RELEASE_BROKEN_OFF', 'the connection ended before the body did'));
    let over = false;

    function end(error?: unknown): void {
      if (over) return;
      over = true;
      pace.stop();
      request.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak);
      // A reset connection may still raise an error, and nobody else listens.
      request.on('error', () => undefined);
      options.signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else {
        request.pause();
        reject(error);
      }
    }

    function onData(chunk: Buffer): void {
      pace.received(chunk.length);
      try {
        sink.write(chunk);
      } catch (error) {
        end(error);
        return;
      }
      if (sink.done) {
        request.pause();
        end();
      }
      if (over || !sink.mustWait) return;
      request.pause();
      pace.pause();
      void sink.drained().then(() => {
        if (over) return;
        pace.resume();
        request.resume();
      });
    }

    if (options.signal.aborted) {
      end(options.signal.reason);
      return;
    }
    if (request.destroyed && !request.readableEnded) {
      onBreak();
      return;
    }
    options.signal.addEventListener('abort', onAbort, { once: true });
    request.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak);
    // Whoever read a part of it before has paused it.
    request.resume();
  });
}
