import { LaviError } from '../api/errors';
import { BinaryDecoder, BinaryEncoder, maxOverrun, type BinaryCoder } from '../entropy/binary';
import { ByteReader, ByteWriter } from '../entropy/bytes';
import { predictors, strides } from './grid';
import { codeEven, codeLabelList } from './label-list';
import { checkSize, fromRanks, type LabelMap, presentLabels, toRanks } from './map';
import { LabelModel } from './model';
import { codePixels, type Completion, type PixelListener } from './sparse';
import { startTables, tablesId } from './tables';

/** Chunk types of the map itself. Both are critical; a file has one of them. */
export const mapChunks = { sparse: 1, raw: 2 } as const;

export type Effort = 'fast' | 'best';

/** Hears the share of the work that is done, 0…1. */
export type Progress = (fraction: number) => void;

/** What coding a map took; all in bits but for the counts. */
export interface MapCoding {
  mode: 'sparse' | 'raw';
  /** Undefined for raw maps. */
  completion: Completion | undefined;
  labelCount: number;
  /** |z|: pixels that the completion guesses wrong. 0 for raw maps, which have none. */
  points: number;
  /** −Σ log₂ p over all that the payload says, the choice of completion included. */
  modelledBits: number;
  /** The part of them that lists the labels which occur. */
  listBits: number;
}

export interface EncodedMap extends MapCoding {
  type: number;
  payload: Uint8Array;
}

/** One byte says how the completion runs, and is the same for raw maps: their chunk type. */
const choiceBits = 8;

/** The completions that `best` tries; `fast` takes the first. */
const candidates: readonly Completion[] = [64, 16, 4, 1].flatMap((stride) =>
  predictors.map((_, predictor) => ({ stride, predictor })),
);

/**
 * Codes a map. `fast` is one pass; `best` tries every completion of a list and keeps the smallest
 * payload, giving up each try that has grown past it.
 *
 * @throws LaviError IMAGE_TOO_LARGE
 */
export function encodeMap(
  map: LabelMap,
  options: { effort?: Effort; completion?: Completion; onProgress?: Progress } = {},
): EncodedMap {
  const { width, height } = map;
  checkSize(width, height);
  const present = presentLabels(map.labels);
  const ranks = toRanks(map.labels, present);
  const tries = options.completion
    ? [options.completion]
    : candidates.slice(0, options.effort === 'best' ? candidates.length : 1);
  const bits = bitsPerRank(present.length);
  // The raw payload's size is known without writing it: its list, then whole bits.
  const rawBytes = Math.ceil((listCost(present) + bits * ranks.length) / 8) + 12;
  let best: EncodedMap | undefined;
  tries.forEach((completion, index) => {
    const limit = best ? best.payload.length : rawBytes;
    const onProgress = (part: number) => options.onProgress?.((index + part) / tries.length);
    const encoded = encodeSparse(ranks, width, height, present, completion, limit, onProgress);
    if (encoded && (!best || encoded.payload.length < best.payload.length)) best = encoded;
  });
  const chosen = best ?? encodeRaw(ranks, width, height, present);
  options.onProgress?.(1);
  return chosen;
}

function encodeSparse(
  ranks: Uint16Array,
  width: number,
  height: number,
  present: Uint16Array,
  completion: Completion,
  limit: number,
  onProgress: Progress,
): EncodedMap | undefined {
  const head = new ByteWriter(16)
    .varint(width)
    .varint(height)
    .byte(methodByte(completion))
    .finish();
  const coder = new BinaryEncoder();
  codeLabelList(coder, present);
  const listBits = coder.bits;
  const model = new LabelModel(coder, present.length, startTables());
  const onRow = (done: number) => {
    onProgress(done / ranks.length);
    return head.length + coder.length <= limit;
  };
  // A single label leaves nothing to say about any pixel.
  if (present.length > 1 && !codePixels(model, ranks, width, height, completion, onRow)) return;
  const payload = new ByteWriter(head.length).bytes(head).bytes(coder.finish()).finish();
  if (payload.length > limit) return;
  return {
    type: mapChunks.sparse,
    payload,
    mode: 'sparse',
    completion,
    labelCount: present.length,
    points: model.points,
    modelledBits: choiceBits + coder.bits,
    listBits,
  };
}

function encodeRaw(
  ranks: Uint16Array,
  width: number,
  height: number,
  present: Uint16Array,
): EncodedMap {
  const bits = bitsPerRank(present.length);
  const coder = new BinaryEncoder(Math.ceil((ranks.length * bits) / 8) + 1024);
  codeLabelList(coder, present);
  const listBits = coder.bits;
  for (let i = 0; i < ranks.length; i++) codeEven(coder, ranks[i]!, bits);
  const payload = new ByteWriter(16).varint(width).varint(height).bytes(coder.finish()).finish();
  return {
    type: mapChunks.raw,
    payload,
    mode: 'raw',
    completion: undefined,
    labelCount: present.length,
    points: 0,
    modelledBits: choiceBits + coder.bits,
    listBits,
  };
}

/** Hears the details of decoding; for statistics. */
export interface DecodeListener extends PixelListener {
  /** Called once, before any pixel. */
  begin(map: { width: number; height: number; present: Uint16Array; ranks: Uint16Array }): void;
  /** The coder whose `bits` grow from pixel to pixel. */
  coder: BinaryCoder | undefined;
}

/**
 * Decodes the payload of a map chunk. Sizes are checked before anything is allocated, and decoding
 * stops as soon as the payload is used up, so time is bounded by the payload and the pixels allowed.
 *
 * @throws LaviError CORRUPT, TRUNCATED, IMAGE_TOO_LARGE, UNSUPPORTED_VERSION
 */
export function decodeMap(
  type: number,
  payload: Uint8Array,
  options: { pixelLimit?: number; listener?: DecodeListener; onProgress?: Progress } = {},
): MapCoding & { map: LabelMap } {
  const head = new ByteReader(payload, 'the label map');
  const width = head.varint();
  const height = head.varint();
  const completion = type === mapChunks.sparse ? readMethod(head.byte()) : undefined;
  checkSize(width, height, options.pixelLimit);
  const coder = new BinaryDecoder(head.bytes(head.left));
  const present = codeLabelList(coder);
  const listBits = coder.bits;
  checkOverrun(coder);
  const ranks = new Uint16Array(width * height);
  const { listener } = options;
  if (listener) {
    listener.coder = coder;
    listener.begin({ width, height, present, ranks });
  }
  let points = 0;
  if (!completion) {
    decodeRaw(coder, ranks, present.length);
  } else if (present.length > 1) {
    const model = new LabelModel(coder, present.length, startTables());
    const onRow = (done: number) => {
      options.onProgress?.(done / ranks.length);
      return checkOverrun(coder);
    };
    codePixels(model, ranks, width, height, completion, onRow, listener);
    points = model.points;
  }
  checkOverrun(coder);
  if (coder.unread > 0) {
    throw new LaviError(
      'CORRUPT',
      `${coder.unread} byte(s) follow the last pixel of the label map.`,
    );
  }
  return {
    map: { width, height, labels: fromRanks(ranks, present) },
    mode: completion ? 'sparse' : 'raw',
    completion,
    labelCount: present.length,
    points,
    modelledBits: choiceBits + coder.bits,
    listBits,
  };
}

function decodeRaw(coder: BinaryDecoder, ranks: Uint16Array, labelCount: number): void {
  const bits = bitsPerRank(labelCount);
  for (let i = 0; i < ranks.length; i++) {
    const rank = codeEven(coder, 0, bits);
    if (rank >= labelCount) {
      throw new LaviError('CORRUPT', `Pixel ${i} has label number ${rank} of only ${labelCount}.`);
    }
    ranks[i] = rank;
    if ((i & 0xffff) === 0) checkOverrun(coder);
  }
}

function checkOverrun(coder: BinaryDecoder): true {
  if (coder.overrun <= maxOverrun) return true;
  throw new LaviError('CORRUPT', 'The label map ends before its last pixel.');
}

/** Low four bits: stride and predictor; high four: id of the start tables. */
function methodByte({ stride, predictor }: Completion): number {
  return (
    tablesId * 16 + predictor * strides.length + (strides as readonly number[]).indexOf(stride)
  );
}

function readMethod(method: number): Completion {
  if (method >> 4 !== tablesId) {
    throw new LaviError(
      'UNSUPPORTED_VERSION',
      `The label map was coded with start tables ${method >> 4}; this program has tables ${tablesId}.`,
    );
  }
  const predictor = Math.floor((method & 15) / strides.length);
  const stride = strides[(method & 15) % strides.length]!;
  if (predictor >= predictors.length) {
    throw new LaviError('UNSUPPORTED_VERSION', `The label map names predictor ${predictor}.`);
  }
  return { stride, predictor };
}

/** ⌈log₂ L⌉. */
function bitsPerRank(labelCount: number): number {
  return labelCount > 1 ? 32 - Math.clz32(labelCount - 1) : 0;
}

function listCost(present: Uint16Array): number {
  const coder = new BinaryEncoder(16);
  codeLabelList(coder, present);
  return coder.bits;
}
