import { innerCount, neighbourCount, offsets, predictors, reach, type Row } from './grid';

/** Stands for a neighbour outside the map; it has no vote. */
export const absent = -1;

/**
 * What is known around one pixel. `look` fills it in; the fields then describe that pixel until the
 * next call. One object serves a whole map, so that nothing is allocated by pixel.
 */
export class Neighbourhood {
  /** Where the inner neighbours differ: the label of each neighbour, or `absent`. */
  readonly around = new Int32Array(neighbourCount);
  /** Where they differ: the labels among the inner 16, heaviest first, the runner-up second. */
  readonly candidates = new Int32Array(innerCount);
  readonly votes = new Int32Array(innerCount);
  candidateCount = 0;
  /** Where they agree: how many of the four far neighbours do not, 0…4. */
  farOthers = 0;

  private readonly steps = new Int32Array(neighbourCount);
  private readonly weights = new Int32Array(innerCount);
  private row: Row | undefined;
  private from = 0;
  private to = -1;

  constructor(
    private readonly labels: Uint16Array,
    private readonly width: number,
    private readonly height: number,
    predictor: number,
  ) {
    const { near, samePass, further } = predictors[predictor]!;
    this.weights.fill(near, 0, 4).fill(samePass, 4, 8).fill(further, 8, 16);
  }

  startRow(row: Row): void {
    const { phase, unit, y } = row;
    this.row = row;
    for (let k = 0; k < neighbourCount; k++) {
      const [dx, dy] = offsets[phase]![k]!;
      this.steps[k] = (dx + dy * this.width) * unit;
    }
    const margin = reach * unit;
    const inside = y >= margin && y + margin < this.height;
    this.from = inside ? margin : this.width;
    this.to = this.width - margin;
  }

  /**
   * Looks around the pixel (x, y) of the current row, `index` = y · width + x. `candidates[0]` is then
   * the predicted label. Returns true if the inner neighbours agree.
   */
  look(x: number, index: number): boolean {
    return x >= this.from && x < this.to ? this.lookInside(index) : this.lookAtBorder(x);
  }

  private lookInside(index: number): boolean {
    const { labels, steps, around } = this;
    const first = labels[index + steps[0]!]!;
    let k = 1;
    while (k < innerCount && labels[index + steps[k]!] === first) k++;
    if (k === innerCount) {
      let others = 0;
      for (; k < neighbourCount; k++) if (labels[index + steps[k]!] !== first) others++;
      return this.agree(first, others);
    }
    for (let j = 0; j < neighbourCount; j++) around[j] = labels[index + steps[j]!]!;
    this.vote();
    return false;
  }

  private lookAtBorder(x: number): boolean {
    const { labels, width, height, around } = this;
    const { phase, unit, y } = this.row!;
    let first = absent;
    let same = true;
    for (let k = 0; k < neighbourCount; k++) {
      const [dx, dy] = offsets[phase]![k]!;
      const nx = x + dx * unit;
      const ny = y + dy * unit;
      const inside = nx >= 0 && ny >= 0 && nx < width && ny < height;
      const label = inside ? labels[ny * width + nx]! : absent;
      around[k] = label;
      if (k >= innerCount || !inside) continue;
      if (first === absent) first = label;
      else if (label !== first) same = false;
    }
    if (!same) {
      this.vote();
      return false;
    }
    let others = 0;
    for (let k = innerCount; k < neighbourCount; k++) {
      if (around[k] !== absent && around[k] !== first) others++;
    }
    // Nothing is known around the first pixel: rank 0 is as good a guess as any.
    return this.agree(Math.max(first, 0), others);
  }

  private agree(label: number, farOthers: number): true {
    this.candidates[0] = label;
    this.candidateCount = 1;
    this.farOthers = farOthers;
    return true;
  }

  /** Adds up votes; ties go to the label met first, that is, to the nearer neighbour. */
  private vote(): void {
    const { around, candidates, votes, weights } = this;
    let count = 0;
    for (let k = 0; k < innerCount; k++) {
      const label = around[k]!;
      if (label === absent) continue;
      let j = 0;
      while (j < count && candidates[j] !== label) j++;
      if (j < count) {
        votes[j]! += weights[k]!;
      } else {
        candidates[count] = label;
        votes[count++] = weights[k]!;
      }
    }
    this.candidateCount = count;
    this.raise(0);
    this.raise(1);
  }

  /** Swaps the heaviest candidate from `place` on into `place`. */
  private raise(place: number): void {
    const { candidates, votes, candidateCount } = this;
    let best = place;
    for (let j = place + 1; j < candidateCount; j++) if (votes[j]! > votes[best]!) best = j;
    const label = candidates[place]!;
    const weight = votes[place]!;
    candidates[place] = candidates[best]!;
    votes[place] = votes[best]!;
    candidates[best] = label;
    votes[best] = weight;
  }
}
