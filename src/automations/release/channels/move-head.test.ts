import { describe, expect, it } from 'vitest';
import { arrive, type Channel, type HeadChange, type HeadMove, rollBack, withdraw } from './move-head.ts';

const compare = (a: string, b: string) => Number(a) - Number(b);
const change = (version: string, how: HeadMove = 'released', at = 1): HeadChange => ({
  version,
  at,
  by: 'ci',
  how,
  why: null,
});

function arriveAll(versions: readonly string[]): Channel {
  let channel: Channel | null = null;
  for (const version of versions) channel = arrive(channel, change(version), compare).channel;
  return channel!;
}

function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [at, first] of items.entries()) {
    for (const rest of orders(items.toSpliced(at, 1))) yield [first, ...rest];
  }
}

describe('arriving', () => {
  it.each([...orders(['1', '2', '3', '10'])])(
    'ends with the highest as head, in whatever order: %s %s %s %s',
    (...versions) => {
      const channel = arriveAll(versions);
      expect(channel.head).toBe('10');
      expect(channel.arrivals.map(({ version }) => version)).toEqual(versions);
      const heads = channel.history.map(({ version }) => Number(version));
      expect(heads).toEqual(heads.toSorted((a, b) => a - b));
    },
  );

  it('says why an older one does not become the head', () => {
    const { channel, moved, because } = arrive(arriveAll(['5']), change('4'), compare);
    expect([channel.head, moved, because]).toEqual(['5', false, 'the head 5 is not older']);
  });

  it('changes nothing when the head arrives again', () => {
    const channel = arriveAll(['4', '5']);
    const again = arrive(channel, change('5'), compare);
    expect(again.moved).toBe(false);
    expect(again.channel).toEqual(channel);
  });
});

describe('rolling back', () => {
  it('puts an older release on offer, until a newer one than that arrives', () => {
    const back = rollBack(arriveAll(['4', '5']), change('4', 'rolled-back'));
    expect([back.channel.head, back.moved, back.because]).toEqual(['4', true, 'rolled back from 5 by ci']);
    expect(arrive(back.channel, change('6'), compare).channel.head).toBe('6');
  });

  it('refuses what was never released there', () => {
    const channel = arriveAll(['5']);
    expect(rollBack(channel, change('4', 'rolled-back'))).toEqual({
      channel,
      moved: false,
      because: '4 was never released here',
    });
    expect(rollBack(null, change('4', 'rolled-back')).channel.head).toBeNull();
  });
});

describe('withdrawing', () => {
  const yanked =
    (...versions: string[]) =>
    (version: string) =>
      versions.includes(version);

  it('goes back to what was on offer before, passing by what was withdrawn too', () => {
    const channel = arriveAll(['3', '4', '5']);
    expect(withdraw(channel, change('5'), yanked('5')).channel.head).toBe('4');
    expect(withdraw(channel, change('5'), yanked('5', '4')).channel.head).toBe('3');
    expect(withdraw(channel, change('5'), yanked('5', '4', '3')).channel.head).toBeNull();
  });

  it('never offers one that was not on offer before', () => {
    const channel = arriveAll(['3', '5', '4']);
    expect(withdraw(channel, change('5'), yanked('5')).channel.head).toBe('3');
  });

  it('leaves the head alone when another one is withdrawn', () => {
    const channel = arriveAll(['4', '5']);
    expect(withdraw(channel, change('4'), yanked('4'))).toEqual({
      channel,
      moved: false,
      because: 'it is not the head',
    });
  });
});
