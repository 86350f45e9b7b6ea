import { defineCommand } from 'citty';
import { labelsCompareCommand } from './cli-labels-compare';
import { labelsDecodeCommand, labelsEncodeCommand } from './cli-labels-convert';
import { labelsInfoCommand } from './cli-labels-info';

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
