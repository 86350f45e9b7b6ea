import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  keepWindowState,
  placeWindow,
  readWindowState,
} from '../../../src-main/shell/electron/window-state';

const state = { x: 100, y: 50, width: 1200, height: 700, maximised: false };
const main = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 1280, height: 1000 };

describe('where the window opens', () => {
  it('is where it was, on whichever screen', () => {
    const { x, y, width, height } = state;
    expect(placeWindow(state, [main])).toEqual({ x, y, width, height });
    const there = { ...state, x: 2000 };
    expect(placeWindow(there, [main, right])).toMatchObject({ x: 2000, y: 50 });
    expect(placeWindow({ ...state, x: -1000 }, [main])).toMatchObject({ x: -1000 });
  });

  it('is for the system to find, where its title bar would be out of reach', () => {
    const { width, height } = state;
    for (const gone of [{ x: 2000 }, { x: 1850 }, { x: -1100 }, { y: 1020 }, { y: -40 }]) {
      expect(placeWindow({ ...state, ...gone }, [main])).toEqual({ width, height });
    }
  });

  it('is on the screen whole, and never smaller than the page allows', () => {
    const large = { ...state, width: 5000, height: 5000 };
    expect(placeWindow(large, [main])).toMatchObject({ width: 1920, height: 1040 });
    const small = { ...state, width: 10, height: 10 };
    expect(placeWindow(small, [main])).toMatchObject({ width: 900, height: 600 });
    expect(placeWindow(undefined, [{ ...main, width: 1024, height: 700 }])).toEqual({
      width: 1024,
      height: 700,
    });
    expect(placeWindow(undefined, [])).toEqual({ width: 1280, height: 800 });
  });
});

describe('what is kept of the window', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'lavi-window-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('comes back', async () => {
    expect(readWindowState(folder)).toBeUndefined();
    await keepWindowState(folder, state);
    await keepWindowState(folder, { ...state, maximised: true });
    expect(readWindowState(folder)).toEqual({ ...state, maximised: true });
  });

  it('is nothing where it is not understood', async () => {
    for (const text of ['', '{', '[]', '{"x":1}', JSON.stringify({ ...state, width: 1e9 })]) {
      await writeFile(join(folder, 'window.json'), text);
      expect(readWindowState(folder), text).toBeUndefined();
    }
  });
});
