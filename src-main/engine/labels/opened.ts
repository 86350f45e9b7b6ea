import { join } from 'node:path';
import type { LabelEdit } from '../../api/calls/labels';
import { mostClasses } from '../../api/calls/labels';
import { LaviError } from '../../api/errors';
import type { MapHeader, MapLine } from '../../api/jobs/labels';
import { readPhoto } from '../../image/photo';
import { maskOf } from '../../labels/animation';
import { regionSpans, setSpans, strokeSpans, surroundings } from '../../labels/edits';
import type { Spans } from '../../labels/edits';
import { fromRanks, presentLabels, toRanks } from '../../labels/map';
import type { LabelMap } from '../../labels/map';
import { defaultPalette } from '../../labels/palette';
import type { Completion } from '../../labels/sparse';
import { complete } from '../../labels/sparse';
import type { Seed } from '../../labels/watershed';
import { costsOf, lumaOf, watershed } from '../../labels/watershed';
import { segmentByColour } from '../../latents/segment';
import { LruCache } from '../common/lru-cache';
import { levelsOf, Pyramid } from '../common/opened';
import { readLog } from '../../jobs/label-log';
import { readSource } from './source';

/** What an edit replaced. */
interface Applied {
  edit: LabelEdit;
  before: Pick<LabelMap, 'palette' | 'names' | 'voidLabel'>;
  /** Left out once too many bytes are kept: the map is then made anew from its log. */
  pixels?: { spans: Spans; labels: Uint16Array } | undefined;
}

/** The photo under a map, with its colour profile unless that is sRGB. */
interface ShownPhoto {
  pixels: Pyramid;
  icc: Uint8Array | undefined;
}

/** Replaced labels kept for undoing, in bytes. */
const KEPT_BYTES = 256 * 2 ** 20;

/** A map as its log says, up to a line that follows the session's wishes. */
export class OpenedMap {
  map!: LabelMap;
  #header!: MapHeader;
  #line = 0;
  #photo?: string | undefined;
  #done: Applied[] = [];
  #undone: LabelEdit[] = [];
  #keptBytes = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #derived = new LruCache<Uint8Array | Uint16Array>(3);
  readonly #photos = new LruCache<ShownPhoto>(1);
  /** Of the last reduction. */
  seeds: Seed[] = [];

  constructor(readonly folder: string) {}

  /**
   * Runs `use` on the map as it is after `line` lines. One use at a time: another line would change
   * the map under it.
   */
  at<Value>(line: number, use: (map: OpenedMap) => Promise<Value> | Value): Promise<Value> {
    const result = this.#turn.then(async () => {
      await this.#go(line);
      return use(this);
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  get line(): number {
    return this.#line;
  }

  /** Whether any edit counts at this line. */
  get edited(): boolean {
    return this.#done.length > 0;
  }

  /** The .lavi file that the map was read from, while it is unchanged. */
  get sourceFile(): string | undefined {
    const { kind, source } = this.#header;
    if (this.edited || kind !== 'map' || !source.toLowerCase().endsWith('.lavi')) return undefined;
    return join(this.folder, source);
  }

  get state() {
    const { width, height, voidLabel, names = {} } = this.map;
    const pixels = new Map<number, number>(Object.keys(names).map((label) => [Number(label), 0]));
    for (const { edit } of this.#done) if (edit.what === 'class') pixels.set(edit.label, 0);
    const counts = new Float64Array(65_536);
    for (const label of this.map.labels) counts[label]!++;
    counts.forEach((count, label) => count > 0 && pixels.set(label, count));
    const colours = this.colours();
    const listed = [...pixels].sort((a, b) => b[1] - a[1]).slice(0, mostClasses);
    listed.sort((a, b) => a[0] - b[0]);
    const classes = listed.map(([label, count]) => ({
      label,
      ...(names[label] !== undefined && { name: names[label] }),
      colour: `#${Buffer.from(colours.subarray(4 * label, 4 * label + 3)).toString('hex')}`,
      pixels: count,
    }));
    return {
      ...{ width, height, levels: levelsOf({ width, height }) },
      ...{ classes, classCount: pixels.size, voidLabel: voidLabel ?? null },
    };
  }

  /** RGBA of all 65,536 labels: the palette's, default ones beyond it. */
  colours(): Uint8Array {
    const colours = defaultPalette(65_536);
    if (this.map.palette) colours.set(this.map.palette);
    return colours;
  }

  mask(completion: Completion): Promise<Uint8Array> {
    const { stride, predictor } = completion;
    const key = `mask ${this.#line} ${stride} ${predictor}`;
    return this.#derived.get(key, async () => maskOf(this.map, completion)) as Promise<Uint8Array>;
  }

  /** The decoder's map once the passes down to `unit` are done. */
  async frame(completion: Completion, unit: number): Promise<Uint16Array> {
    const { stride, predictor } = completion;
    const mask = await this.mask(completion);
    const key = `frame ${this.#line} ${stride} ${predictor} ${unit}`;
    return this.#derived.get(key, async () => {
      const { width, height, labels } = this.map;
      const present = presentLabels(labels);
      const ranks = toRanks(labels, present);
      return fromRanks(complete(mask, ranks, width, height, completion, unit), present);
    }) as Promise<Uint16Array>;
  }

  async seeded(seeds: readonly Seed[], key: string): Promise<Uint16Array> {
    const make = async () => watershed(await this.costs(), this.map.width, seeds);
    return this.#derived.get(`seeded ${key}`, make) as Promise<Uint16Array>;
  }

  /** @throws LaviError BAD_REQUEST without a photo */
  photo(): Promise<ShownPhoto> {
    const name = this.#photo;
    if (name === undefined) throw new LaviError('BAD_REQUEST', 'The map has no photo under it.');
    return this.#photos.get(name, async () => {
      const photo = await readPhoto(join(this.folder, name));
      return { pixels: new Pyramid(photo), icc: photo.icc };
    });
  }

  async luma(): Promise<Uint8Array> {
    return lumaOf((await this.photo()).pixels.level(0).rgb);
  }

  async costs(): Promise<Uint8Array> {
    return costsOf(await this.luma(), this.map.width);
  }

  async #go(line: number): Promise<void> {
    if (this.#line === line && this.map) return;
    const { header, lines } = await readLog(this.folder);
    this.#header = header;
    if (!this.map || line < this.#line) await this.#restart();
    while (this.#line < line) {
      const next = lines[this.#line];
      if (!next) throw new LaviError('BAD_REQUEST', `The map's log has no line ${line}.`);
      await this.#follow(next);
      this.#line++;
    }
  }

  async #restart(): Promise<void> {
    this.map = await readSource(this.folder, this.#header);
    this.#photo = this.#header.photo;
    this.#done = [];
    this.#undone = [];
    this.#keptBytes = 0;
    this.#line = 0;
  }

  async #follow(line: MapLine): Promise<void> {
    if ('photo' in line) this.#photo = line.photo;
    else if ('edit' in line) {
      this.#undone = [];
      await this.#apply(line.edit);
    } else if ('undo' in line) await this.#undo();
    else if ('redo' in line) {
      const edit = this.#undone.pop();
      if (edit) await this.#apply(edit);
    }
  }

  async #undo(): Promise<void> {
    const last = this.#done.pop();
    if (!last) return;
    this.#undone.push(last.edit);
    const { pixels, edit } = last;
    const replaced = edit.what !== 'class' && edit.what !== 'void';
    if (replaced && !pixels) return this.#remake();
    if (pixels) {
      setSpans(this.map.labels, pixels.spans, pixels.labels);
      this.#keptBytes -= pixels.labels.byteLength + pixels.spans.byteLength;
    }
    const { width, height, labels } = this.map;
    this.map = { width, height, labels, ...last.before };
  }

  /** Applies the edits that are left to the source: what a later one replaced was not kept. */
  async #remake(): Promise<void> {
    const edits = this.#done.map(({ edit }) => edit);
    this.map = await readSource(this.folder, this.#header);
    this.#done = [];
    this.#keptBytes = 0;
    for (const edit of edits) await this.#apply(edit);
  }

  async #apply(edit: LabelEdit): Promise<void> {
    const { palette, names, voidLabel } = this.map;
    const before = {
      ...(palette && { palette }),
      ...(names && { names }),
      ...(voidLabel !== undefined && { voidLabel }),
    };
    const applied: Applied = { edit, before };
    const change = (spans: Spans, value: number | Uint16Array) => {
      applied.pixels = { spans, labels: setSpans(this.map.labels, spans, value) };
      this.#keptBytes += applied.pixels.labels.byteLength + spans.byteLength;
    };
    switch (edit.what) {
      case 'paint':
        change(strokeSpans(this.map, edit.size, edit.points), edit.label);
        break;
      case 'heal': {
        const spans = strokeSpans(this.map, edit.size, edit.points);
        const labels = surroundings(this.map, spans);
        change(labels ? spans : new Uint32Array(), labels ?? new Uint16Array());
        break;
      }
      case 'fill':
        change(regionSpans(this.map, edit.x, edit.y), edit.label);
        break;
      case 'class':
        this.#setClass(edit);
        break;
      case 'void': {
        const next = { ...this.map };
        delete next.voidLabel;
        this.map = edit.label === null ? next : { ...next, voidLabel: edit.label };
        break;
      }
      case 'segment': {
        const { count, method } = edit;
        const found = segmentByColour((await this.photo()).pixels.level(0), count, { method });
        change(Uint32Array.of(0, found.labels.length), found.labels);
        const { width, height, labels } = this.map;
        this.map = { width, height, labels, palette: found.palette };
        break;
      }
    }
    this.#done.push(applied);
    for (const old of this.#done) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      if (!old.pixels) continue;
      this.#keptBytes -= old.pixels.labels.byteLength + old.pixels.spans.byteLength;
      old.pixels = undefined;
    }
  }

  #setClass({ label, name, colour }: Extract<LabelEdit, { what: 'class' }>): void {
    const { names, palette } = this.map;
    if (name !== undefined) this.map = { ...this.map, names: { ...names, [label]: name } };
    if (colour === undefined) return;
    const known = palette?.length ?? 0;
    const next = defaultPalette(Math.max(known / 4, label + 1));
    if (palette) next.set(palette);
    next.set([...Buffer.from(colour.slice(1), 'hex'), 255], 4 * label);
    this.map = { ...this.map, palette: next };
  }
}
