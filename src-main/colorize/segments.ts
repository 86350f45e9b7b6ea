/** How far a segmentation goes: the larger `scale`, the more unlike the parts that are joined. */
export interface SegmentScale {
  /** k of the merging predicate, in 1/255 of the planes' unit. */
  scale: number;
  /** Segments of fewer pixels join a neighbour. */
  least: number;
}

/** A segment's number of each pixel, from 0 in the order of their first pixels. */
export interface Segments {
  of: Uint16Array;
  count: number;
}

/** Edge weights are sorted by this many steps a unit. */
const STEPS = 2 ** 15;

/**
 * Graph-based segmentation of P. Felzenszwalb and D. Huttenlocher (2004): pixels are joined along
 * edges to their eight neighbours, the least different first, where an edge differs less than either
 * side does within plus scale / size; then small segments join a neighbour. One sorting of the edges
 * serves several scales. Ties go by place: equal planes, equal segments.
 *
 * @param planes interleaved [height, width, 3], in about 0…1, as they are compared
 */
export function segmentsOf(
  planes: Float32Array,
  width: number,
  height: number,
  scales: readonly SegmentScale[],
): Segments[] {
  const edges = sortedEdges(planes, width, height);
  return scales.map((scale) => joined(edges, width * height, scale));
}

interface Edges {
  from: Int32Array;
  to: Int32Array;
  weight: Float32Array;
}

/** Edges to the right, below, and both diagonals below, by weight. */
function sortedEdges(planes: Float32Array, width: number, height: number): Edges {
  const most = 4 * width * height;
  const from = new Int32Array(most);
  const to = new Int32Array(most);
  const weight = new Float32Array(most);
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [dx, dy] of neighbours) {
        if (x + dx < 0 || x + dx >= width || y + dy >= height) continue;
        const a = y * width + x;
        const b = a + dy * width + dx;
        let sum = 0;
        for (let c = 0; c < 3; c++) sum += (planes[3 * a + c]! - planes[3 * b + c]!) ** 2;
        from[count] = a;
        to[count] = b;
        weight[count++] = Math.sqrt(sum);
      }
    }
  }
  return inOrder({ from, to, weight }, count);
}

const neighbours = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
] as const;

/** Counting sort: weights of one step stay in their order. */
function inOrder({ from, to, weight }: Edges, count: number): Edges {
  const stepOf = (i: number) => Math.min(4 * STEPS - 1, Math.floor(weight[i]! * STEPS));
  const starts = new Int32Array(4 * STEPS + 1);
  for (let i = 0; i < count; i++) starts[stepOf(i) + 1]!++;
  for (let s = 0; s < 4 * STEPS; s++) starts[s + 1]! += starts[s]!;
  const out = {
    from: new Int32Array(count),
    to: new Int32Array(count),
    weight: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const at = starts[stepOf(i)]!++;
    out.from[at] = from[i]!;
    out.to[at] = to[i]!;
    out.weight[at] = weight[i]!;
  }
  return out;
}

function joined({ from, to, weight }: Edges, pixels: number, { scale, least }: SegmentScale) {
  const parent = Int32Array.from({ length: pixels }, (_, i) => i);
  const size = new Int32Array(pixels).fill(1);
  const within = new Float32Array(pixels); // the largest edge that a segment was joined along
  const k = scale / 255;
  const rootOf = (at: number): number => {
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const join = (a: number, b: number, edge: number) => {
    parent[b] = a;
    size[a]! += size[b]!;
    within[a] = edge;
  };
  for (let i = 0; i < weight.length; i++) {
    const a = rootOf(from[i]!);
    const b = rootOf(to[i]!);
    if (a === b) continue;
    const edge = weight[i]!;
    if (edge < Math.min(within[a]! + k / size[a]!, within[b]! + k / size[b]!)) join(a, b, edge);
  }
  for (let i = 0; i < weight.length; i++) {
    const a = rootOf(from[i]!);
    const b = rootOf(to[i]!);
    if (a !== b && (size[a]! < least || size[b]! < least)) join(a, b, within[a]!);
  }
  return numbered(Int32Array.from(parent, (_, i) => rootOf(i)));
}

/** Any numbers of segments as whole ones from 0, in the order of their first pixels. */
export function numbered(of: ArrayLike<number>): Segments {
  const numbers = new Map<number, number>();
  const out = new Uint16Array(of.length);
  for (let i = 0; i < of.length; i++) {
    let number = numbers.get(of[i]!);
    if (number === undefined) numbers.set(of[i]!, (number = numbers.size));
    out[i] = number;
  }
  return { of: out, count: numbers.size };
}

/**
 * Gaussian blur of interleaved planes, edges reflected.
 * @param sigma in pixels
 */
export function blurred(
  planes: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  const reach = Math.ceil(4 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const reflected = (at: number, size: number) => {
    const within = ((at % (2 * size)) + 2 * size) % (2 * size);
    return within < size ? within : 2 * size - 1 - within;
  };
  const pass = (input: Float32Array, along: 'x' | 'y') => {
    const out = new Float32Array(input.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let n = -reach; n <= reach; n++) {
          const column = along === 'x' ? reflected(x + n, width) : x;
          const row = along === 'y' ? reflected(y + n, height) : y;
          const weight = kernel[n + reach]! / total;
          for (let c = 0; c < 3; c++) {
            out[3 * (y * width + x) + c]! += weight * input[3 * (row * width + column) + c]!;
          }
        }
      }
    }
    return out;
  };
  return pass(pass(planes, 'x'), 'y');
}
