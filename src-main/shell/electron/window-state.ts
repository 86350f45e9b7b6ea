import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeOutput } from '../../jobs/output';

const whole = z.int().min(-100_000).max(100_000);

/** Where the window was: its place and size in device-independent pixels, when not maximised. */
export const windowStateSchema = z.object({
  x: whole,
  y: whole,
  width: whole.min(1),
  height: whole.min(1),
  maximised: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const smallest = { width: 900, height: 600 } as const;
const usual = { width: 1280, height: 800 } as const;
/** Of the title bar, so much must be on a screen: by it the window is taken hold of. */
const grip = { width: 120, height: 32 } as const;

const fileIn = (folder: string) => join(folder, 'window.json');

/** What the last run kept; undefined if that is missing or not understood. */
export function readWindowState(folder: string): WindowState | undefined {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

/** A state that cannot be kept is no reason to trouble anyone. */
export async function keepWindowState(folder: string, state: WindowState): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(state)}\n`);
  await writeOutput(fileIn(folder), bytes, { overwrite: true }).catch(() => {});
}

/**
 * Where a window opens: as it was, where that is on a screen that is still there; else the system
 * finds a place (no x and y). Never larger than its screen, never smaller than the page allows.
 *
 * @param areas the screens without their bars; the main one first
 */
export function placeWindow(
  state: WindowState | undefined,
  areas: Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  const area = state && areas.find((one) => holdsGrip(one, state));
  const within = area ?? areas[0] ?? usual;
  const size = (side: 'width' | 'height') =>
    Math.max(smallest[side], Math.min((state ?? usual)[side], within[side]));
  const place = { width: size('width'), height: size('height') };
  return area && state ? { x: state.x, y: state.y, ...place } : place;
}

function holdsGrip(area: Rectangle, { x, y, width }: Rectangle): boolean {
  const across = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return across >= grip.width && y >= area.y && y + grip.height <= area.y + area.height;
}
