import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src-main/colorize/frame';
import { GRID } from '../../../src-main/colorize/frame';
import type { LabelPrior } from '../../../src-main/colorize/sampling';
import { labelBits, sampleLabels } from '../../../src-main/colorize/sampling';
import type { Scene } from '../../../src-main/colorize/model';
import { SeededRandom } from '../../../src-main/colorize/random';

/** A photo of 3 × 2 cells in the corner of the grid, and three labels. */
const frame = { columns: 3, rows: 2, left: 0, top: 0 } as Frame;
const scene = { frame } as Scene;
const count = 6;

/** A prior whose logits depend on all that is known, as a net's would. */
const prior: LabelPrior = {
  labels: 3,
  groups: 7,
  group: (gridCell) => [0, 6, 4, 6, 5, 6][(gridCell % GRID) + 3 * Math.floor(gridCell / GRID)]!,
  next: (_, known) => {
    const out = new Float32Array(3 * GRID * GRID);
    for (let k = 0; k < 3; k++) {
      for (let i = 0; i < count; i++) {
        const cell = Math.floor(i / 3) * GRID + (i % 3);
        let logit = Math.sin(1 + 7 * k + 3 * i);
        for (let j = 0; j < count; j++) {
          if (known[j]! >= 0) logit += Math.cos(k * known[j]! + i - j) + (known[j] === k ? 0.7 : 0);
        }
        out[k * GRID * GRID + cell] = logit;
      }
    }
    return Promise.resolve(out);
  },
};

function* everyLabelling(): Generator<Int16Array> {
  for (let n = 0; n < 3 ** count; n++) {
    yield Int16Array.from({ length: count }, (_, i) => Math.floor(n / 3 ** i) % 3);
  }
}

describe('P(z|x)', () => {
  it('sums to 1 over all labellings', async () => {
    let total = 0;
    for (const labels of everyLabelling()) total += 2 ** -(await labelBits(prior, scene, labels));
    expect(total).toBeCloseTo(1, 9);
  });

  it('is what samples are drawn by', async () => {
    const target = await sampleLabels(prior, scene, { seed: 0, temperature: 0 });
    const expected = 2 ** -target.bits;
    const draws = 4000;
    let hits = 0;
    for (let seed = 0; seed < draws; seed++) {
      const { labels, bits } = await sampleLabels(prior, scene, { seed });
      if (labels.join() === target.labels.join()) hits++;
      if (seed < 20) expect(bits).toBeCloseTo(await labelBits(prior, scene, labels), 9);
    }
    const deviation = Math.sqrt((expected * (1 - expected)) / draws);
    expect(Math.abs(hits / draws - expected)).toBeLessThan(4 * deviation);
  });

  it('holds clamped labels in every sample, and charges them as any others', async () => {
    const clamped = Int16Array.of(-1, 2, -1, -1, 0, -1);
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const { labels, bits } = await sampleLabels(prior, scene, { seed, clamped });
      expect([labels[1], labels[4]]).toEqual([2, 0]);
      expect(bits).toBeCloseTo(await labelBits(prior, scene, labels), 9);
      seen.add(labels.join());
    }
    expect(seen.size).toBeGreaterThan(5);
    expect([...clamped]).toEqual([-1, 2, -1, -1, 0, -1]);
  });

  it('samples less surely the higher the temperature', async () => {
    const meanBits = async (temperature: number) => {
      let sum = 0;
      for (let seed = 0; seed < 200; seed++) {
        sum += (await sampleLabels(prior, scene, { seed, temperature })).bits;
      }
      return sum / 200;
    };
    const [cold, plain, hot] = [await meanBits(0.4), await meanBits(1), await meanBits(4)];
    expect(cold).toBeLessThan(plain);
    expect(plain).toBeLessThan(hot);
  });
});

describe('the seeded source', () => {
  it('gives the numbers of xoshiro128** for its state, the same everywhere', () => {
    const random = new SeededRandom(1);
    const first = Array.from({ length: 4 }, () => random.next());
    const again = new SeededRandom(1);
    expect(Array.from({ length: 4 }, () => again.next())).toEqual(first);
    expect(first).toEqual([393288148, 2174103013, 3814759091, 2092745082]);
  });

  it('draws by weight, never what has none', () => {
    const random = new SeededRandom(7);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[random.pick([1, 0, 3, 0])]!++;
    expect(counts[1]! + counts[3]!).toBe(0);
    expect(counts[2]! / 10_000).toBeCloseTo(0.75, 1);
  });

  it('differs from seed to seed, near and far', () => {
    const firsts = [0, 1, 2, 2 ** 31 - 1, 2 ** 40].map((seed) => new SeededRandom(seed).next());
    expect(new Set(firsts).size).toBe(5);
  });
});
