import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { giveWay } from './give-way.ts';

describe('giving way to a flood', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function flood(way: { stored: (inFlight: number) => void }, milliseconds: number): void {
    for (let at = 0; at < milliseconds; at += 50) {
      for (let count = 0; count < 20; count++) way.stored(64);
      vi.advanceTimersByTime(50);
    }
  }

  it('reads a single delivery at once', () => {
    const read = vi.fn();
    giveWay(read).stored(1);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('reads nothing while deliveries flood in, and once when they ebb', () => {
    const read = vi.fn();
    const way = giveWay(read);
    flood(way, 2000);
    expect(read).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('reads after five seconds also when the flood does not end', () => {
    const read = vi.fn();
    flood(giveWay(read), 5500);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('reads nothing more once stopped', () => {
    const read = vi.fn();
    const way = giveWay(read);
    way.stored(64);
    way.stop();
    vi.advanceTimersByTime(10_000);
    expect(read).not.toHaveBeenCalled();
  });
});
