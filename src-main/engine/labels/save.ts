import type { JobArgs, JobResult } from '../../api/jobs/contract';
import { LaviError } from '../../api/errors';
import { readInput } from '../../jobs/input';
import { writeOutput } from '../../jobs/output';
import { sparsePicture } from '../../labels/animation';
import {
  decodeLabels,
  decodeSeededLabels,
  encodeLabels,
  encodeSeededLabels,
} from '../../labels/file';
import type { LabelMap } from '../../labels/map';
import { readLabelPng } from '../../labels/png-map';
import { writeLabelPng } from '../../labels/png-write';
import { labelStatistics } from '../../labels/statistics';
import type { OpenedMap } from './opened';
import { readSeeds } from './seeds';

/**
 * Saves a map, its points or its seeds. What was written is decoded again and compared before it gets
 * its name.
 *
 * @throws LaviError of writing; BAD_REQUEST where there are no points or seeds to save
 */
export async function saveMap(
  opened: OpenedMap,
  { what, effort, output }: JobArgs<'mapSave'>,
): Promise<JobResult<'mapSave'>> {
  const { bytes, check } = await encode(opened, what, effort);
  const labels = check.wanted.labels;
  const decoded = check.decode(bytes).labels;
  for (let i = 0; i < labels.length; i++) {
    if (decoded[i] === labels[i]) continue;
    throw new LaviError(
      'INTERNAL',
      `The saved map differs at pixel ${i}: ${labels[i]} was expected, ${decoded[i]} found.`,
    );
  }
  await writeOutput(output, bytes);
  return { output, bytes: bytes.length };
}

interface Encoded {
  bytes: Uint8Array;
  check: { wanted: LabelMap; decode: (bytes: Uint8Array) => LabelMap };
}

async function encode(
  opened: OpenedMap,
  what: JobArgs<'mapSave'>['what'],
  effort: JobArgs<'mapSave'>['effort'],
): Promise<Encoded> {
  const { map } = opened;
  switch (what) {
    case 'lavi': {
      const bytes = await laviFile(opened, effort);
      return { bytes, check: { wanted: map, decode: (file) => decodeLabels(file).map } };
    }
    case 'map':
      return png(map);
    case 'points': {
      const { mode, mask } = labelStatistics(await laviFile(opened, effort));
      const picture = mode === 'sparse' ? sparsePicture(map, mask) : undefined;
      if (picture) return png(picture);
      throw new LaviError('BAD_REQUEST', 'This map is stored without points.');
    }
    case 'seeds': {
      const luma = await opened.luma();
      const { line, seeds } = await readSeeds(opened.folder);
      if (line !== opened.line) {
        throw new LaviError('BAD_REQUEST', 'The map has changed since its seeds were looked for.');
      }
      const bytes = encodeSeededLabels(map, luma, seeds);
      const decode = (file: Uint8Array) => decodeSeededLabels(file, luma).map;
      return { bytes, check: { wanted: map, decode } };
    }
  }
}

/** An unchanged .lavi file is saved as it is: what was shown is what it holds. */
async function laviFile({ map, sourceFile }: OpenedMap, effort: JobArgs<'mapSave'>['effort']) {
  return sourceFile ? readInput(sourceFile) : encodeLabels(map, { effort }).file;
}

function png(wanted: LabelMap): Encoded {
  return { bytes: writeLabelPng(wanted), check: { wanted, decode: (file) => readLabelPng(file) } };
}
