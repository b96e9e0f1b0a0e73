import { Resource } from '../resource';

/** A source whose answers are given by hand. */
class Source {
  readonly pending: {
    resolve: (value: number) => void;
    reject: (error: unknown) => void;
  }[] = [];

  readonly fetch = (): Promise<number> =>
    new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
    });
}

async function turn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}

describe('Resource', () => {
  it('knows its age after the computer slept, and when the clock is set', async () => {
    const resource = new Resource(() => Promise.resolve(1));
    await resource.load();
    const wall = Date.now();
    const clock = jest.spyOn(Date, 'now');
    clock.mockReturnValue(wall + 8 * 3600_000);
    expect(resource.age).toBeGreaterThan(8 * 3600 - 5);
    clock.mockReturnValue(wall - 8 * 3600_000);
    expect(resource.age).toBeGreaterThanOrEqual(0);
    expect(resource.age).toBeLessThan(60);
    clock.mockRestore();
  });

  it('shares one attempt that follows the one under way', async () => {
    const source = new Source();
    const resource = new Resource(source.fetch);
    const first = resource.load();
    const second = resource.load();
    const third = resource.load();
    await turn();
    expect(source.pending).toHaveLength(1);
    source.pending[0]?.resolve(1);
    await first;
    await turn();
    expect(source.pending).toHaveLength(2);
    source.pending[1]?.resolve(2);
    await Promise.all([second, third]);
    expect(resource.data).toBe(2);
    expect(resource.loading).toBe(false);
  });

  it('keeps the older data beside a newer error, and forgets the error', async () => {
    const source = new Source();
    const resource = new Resource(source.fetch);
    const changes: unknown[] = [];
    resource.changed.connect(() => {
      changes.push([resource.data, resource.error?.message, resource.loading]);
    });
    for (const answer of [1, new Error('gone'), 3]) {
      const attempt = resource.load();
      await turn();
      const waiting = source.pending.pop();
      if (typeof answer === 'number') {
        waiting?.resolve(answer);
      } else {
        waiting?.reject(answer);
      }
      await attempt;
    }
    expect(changes).toEqual([
      [null, undefined, true],
      [1, undefined, false],
      [1, undefined, true],
      [1, 'gone', false],
      [1, 'gone', true],
      [3, undefined, false]
    ]);
  });

  it('survives a source that throws at once', async () => {
    const resource = new Resource<number>(() => {
      throw new Error('at once');
    });
    await resource.load();
    expect(resource.error?.message).toBe('at once');
    expect(resource.loading).toBe(false);
    await resource.loadFrom(() => Promise.resolve(5));
    expect(resource.data).toBe(5);
  });

  it('says nothing after its disposal', async () => {
    const source = new Source();
    const resource = new Resource(source.fetch);
    const attempt = resource.load();
    await turn();
    let count = 0;
    resource.changed.connect(() => {
      count += 1;
    });
    resource.dispose();
    source.pending[0]?.resolve(1);
    await attempt;
    expect(count).toBe(0);
    expect(resource.data).toBeNull();
  });
});
