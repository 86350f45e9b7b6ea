import { defineCommand } from 'citty';
import { labelsCompareCommand } from './compare';
import { labelsDecodeCommand, labelsEncodeCommand } from './convert';
import { labelsInfoCommand } from './info';

/** Everything about segmentations: `lavi labels encode`, `decode`, `info`, `compare`. */
export const labelsCommand = defineCommand({
  meta: { name: 'labels', description: 'Code label maps (segmentations) without loss' },
  subCommands: {
    encode: labelsEncodeCommand,
    decode: labelsDecodeCommand,
    info: labelsInfoCommand,
    compare: labelsCompareCommand,
  },
});
