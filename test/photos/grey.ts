import { fromLab, lightnessOf } from '../../src-main/image/lab';
import type { SceneName } from './index';
import { renderScene } from './index';

/** One of our scenes as an old camera would have taken it: its lightness alone. */
export function greyScene(name: SceneName, size: { width: number; height: number; seed?: number }) {
  const scene = renderScene(name, size);
  const { rgb } = scene;
  for (let i = 0; i < rgb.length; i += 3) {
    fromLab(lightnessOf(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!), 0, 0, rgb, i);
  }
  return scene;
}
