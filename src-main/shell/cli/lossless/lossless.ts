import { defineCommand } from 'citty';
import { losslessDecodeCommand } from './decode';
import { losslessEncodeCommand } from './encode';

/** Pictures to the last bit: `lavi lossless encode`, `decode`. */
export const losslessCommand = defineCommand({
  meta: { name: 'lossless', description: 'Code pictures to the last bit' },
  subCommands: { encode: losslessEncodeCommand, decode: losslessDecodeCommand },
});
