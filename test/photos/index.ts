import { render } from './scene';
import type { SceneKind } from './scene';
import { city } from './scenes/city';
import { flowers } from './scenes/flowers';
import { gradient } from './scenes/gradient';
import { landscape } from './scenes/landscape';
import { page } from './scenes/page';
import { portrait } from './scenes/portrait';
import { wall } from './scenes/wall';

const kinds = { landscape, portrait, flowers, city, page, wall, gradient } satisfies Record<
  string,
  SceneKind
>;

export type SceneName = keyof typeof kinds;
export const sceneNames = Object.keys(kinds) as SceneName[];

export interface RenderedScene {
  width: number;
  height: number;
  /** width × height × 3, interleaved sRGB. */
  rgb: Uint8Array;
}

/**
 * Renders one of our own pictures, for tests, benchmarks and screenshots: nothing in them belongs to
 * anyone else. Any size; the composition scales with the height. Equal arguments give equal samples
 * (random numbers are integer hashes; V8's sin, exp and pow are its own on every platform).
 */
export function renderScene(
  name: SceneName,
  { width, height, seed = 1 }: { width: number; height: number; seed?: number },
): RenderedScene {
  return { width, height, rgb: render(kinds[name], { width, height, seed }) };
}
