import { z } from 'zod';

/** Shapes that the app's calls share. */

export const id = z.string().min(1).max(64);
export const ids = z.array(id).max(100_000);
export const path = z.string().min(1).max(32_768);
export const pixels = z.int().positive();
export const fraction = z.number().min(0).max(1);
export const quality = z.number().min(0).max(100);
export const bytes = z.int().nonnegative();
/** Decibels; null where decoded and original pixels are equal (JSON has no infinity). */
export const decibels = z.number().nullable();
/** The address of a picture, relative to the page's origin. */
export const pictureUrl = z.string().regex(/^\/px\/[0-9a-f]{32}\.(png|webp)$/);
export const rectangle = {
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  w: pixels,
  h: pixels,
};
