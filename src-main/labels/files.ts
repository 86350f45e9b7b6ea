import { LaviError } from '../api/errors';
import { readInput } from '../jobs/input';
import { refuseExisting, writeOutput } from '../jobs/output';
import type { Effort, Progress } from './codec';
import { otherSizes } from './compare';
import { decodeLabels, encodeLabels } from './file';
import type { LabelMap } from './map';
import { readLabelPng } from './png-map';
import { writeLabelPng } from './png-write';
import { labelStatistics, type LabelStatistics } from './statistics';

export interface EncodeFileOptions {
  effort?: Effort;
  bare?: boolean;
  /** Names by label and the void label; they replace those of the PNG. */
  names?: Record<number, string>;
  voidLabel?: number;
  overwrite?: boolean;
  onProgress?: Progress;
}

export interface EncodedFile {
  file: string;
  output: string;
  width: number;
  height: number;
  /** Distinct labels that occur. */
  labels: number;
  /** |z|. */
  points: number;
  bytes: number;
}

/**
 * Codes the label PNG `file` as `output`, which is decoded and compared before it gets its name.
 *
 * @throws LaviError of reading, PNG and writing; INTERNAL if the decoded labels differ
 */
export async function encodeLabelFile(
  file: string,
  output: string,
  options: EncodeFileOptions = {},
): Promise<EncodedFile> {
  const { names, voidLabel, overwrite = false } = options;
  await refuseExisting(output, overwrite);
  const map: LabelMap = {
    ...readLabelPng(await readInput(file)),
    ...(names && { names }),
    ...(voidLabel !== undefined && { voidLabel }),
  };
  const { file: bytes, labelCount, points } = encodeLabels(map, options);
  const decoded = decodeLabels(bytes).map.labels;
  for (let i = 0; i < decoded.length; i++) {
    if (decoded[i] === map.labels[i]) continue;
    throw new LaviError(
      'INTERNAL',
      `The coded map differs at pixel ${i}: ${map.labels[i]} was expected, ${decoded[i]} found.`,
    );
  }
  await writeOutput(output, bytes, { overwrite });
  const { width, height } = map;
  return { file, output, width, height, labels: labelCount, points, bytes: bytes.length };
}

/**
 * Decodes the label file `file` to the PNG `output`.
 *
 * @throws LaviError of reading, decoding and writing
 */
export async function decodeLabelFile(
  file: string,
  output: string,
  { overwrite = false }: { overwrite?: boolean } = {},
): Promise<EncodedFile> {
  await refuseExisting(output, overwrite);
  const { map, labelCount, points } = decodeLabels(await readInput(file));
  const png = writeLabelPng(map);
  await writeOutput(output, png, { overwrite });
  const { width, height } = map;
  return { file, output, width, height, labels: labelCount, points, bytes: png.length };
}

/** What a label file holds, as plain data, with the sizes in other formats. */
export async function describeLabelFile(path: string) {
  const found = labelStatistics(await readInput(path));
  const { map } = found;
  const { names, voidLabel, palette } = map;
  const { completion, levels, classes, ...facts } = describeStatistics(found);
  return {
    file: path,
    width: map.width,
    height: map.height,
    ...facts,
    stride: completion?.stride ?? null,
    predictor: completion?.predictor ?? null,
    others: await otherSizes(map),
    colors: palette ? palette.length / 4 : 0,
    voidLabel: voidLabel ?? null,
    named: Object.keys(names ?? {}).length,
    levels,
    classes,
  };
}

/** Where a label file's bits go, as plain data. Sizes are in bytes, bits in bits. */
export function describeStatistics(found: LabelStatistics) {
  const { map, bytes, points, boundaryEdges } = found;
  const pixels = map.width * map.height;
  return {
    labels: found.labelCount,
    mode: found.mode,
    completion: found.completion ?? null,
    points,
    pointShare: points / pixels,
    bytes,
    bpp: (8 * bytes) / pixels,
    modelBits: found.modelledBits,
    /** Bits of z: where its points are and which labels they have. */
    pointBits: found.pixelBits,
    listBits: found.listBits,
    boundaryEdges,
    bitsPerBoundaryEdge: boundaryEdges > 0 ? found.pixelBits / boundaryEdges : null,
    levels: found.levels,
    classes: found.classes,
  };
}

export type LabelFileInfo = Awaited<ReturnType<typeof describeLabelFile>>;

/**
 * Sizes of one label PNG in our format, bare and in both efforts, beside PNG and WebP.
 *
 * @throws LaviError of reading and PNG
 */
export async function compareLabelFile(file: string) {
  const input = await readInput(file);
  const map = readLabelPng(input);
  const fast = encodeLabels(map, { bare: true, effort: 'fast' });
  const best = encodeLabels(map, { bare: true, effort: 'best' });
  const { width, height } = map;
  const { png, webp } = await otherSizes(map);
  return {
    file,
    width,
    height,
    labels: fast.labelCount,
    points: fast.points,
    bytes: {
      fast: fast.file.length,
      best: best.file.length,
      png,
      webp: webp ?? null,
      original: input.length,
    },
  };
}
