import type { Component } from 'vue';
import type { WorkspaceName } from '../../src-main/api/calls/contract';
import CompressWorkspace from './compress/CompressWorkspace.vue';
import ColorizeWorkspace from './colorize/ColorizeWorkspace.vue';
import LabelsWorkspace from './labels/LabelsWorkspace.vue';
import LatentsWorkspace from './latents/LatentsWorkspace.vue';

/** What the header offers, in its order: a workspace brings its picture and its footer. */
export const workspaces: { name: WorkspaceName; view: Component }[] = [
  { name: 'compress', view: CompressWorkspace },
  { name: 'colorize', view: ColorizeWorkspace },
  { name: 'labels', view: LabelsWorkspace },
  { name: 'latents', view: LatentsWorkspace },
];
