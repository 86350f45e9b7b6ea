import { toFailure } from '../../api/channel/answer';

export interface ReportOptions {
  /** One JSON object a line on stdout, nothing else there. */
  json?: boolean;
  /** Failures only. */
  quiet?: boolean;
}

const barWidth = 24;

/** What the command line says: results on stdout, failures and the progress bar on stderr. */
export class Report {
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #bar: boolean;
  #barShown = false;

  constructor({ json = false, quiet = false }: ReportOptions) {
    this.#json = json;
    this.#quiet = quiet;
    this.#bar = Boolean(process.stderr.isTTY) && !json && !quiet;
  }

  /** A result: `data` as a JSON line, or else `text` for people. */
  result(data: object, text: string): void {
    this.#clearBar();
    if (this.#json) process.stdout.write(`${JSON.stringify(data)}\n`);
    else if (!this.#quiet) process.stdout.write(`${text}\n`);
  }

  /** A file that failed: said in every mode. */
  failure(file: string, error: unknown): void {
    this.#clearBar();
    const { code, message } = toFailure(error);
    if (this.#json) {
      process.stdout.write(`${JSON.stringify({ file, error: { code, message } })}\n`);
    } else {
      process.stderr.write(`${file}: ${message} (${code})\n`);
    }
  }

  /** @param position which of how many files, such as "3/12" */
  progress(position: string, file: string, fraction: number): void {
    if (!this.#bar) return;
    const filled = Math.round(fraction * barWidth);
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    const text = `${bar} ${String(Math.floor(fraction * 100)).padStart(3)} %  ${position}  ${file}`;
    const columns = process.stderr.columns || 80;
    process.stderr.write(`\r${text.slice(0, columns - 1)}\x1b[K`);
    this.#barShown = true;
  }

  #clearBar(): void {
    if (this.#barShown) process.stderr.write('\r\x1b[K');
    this.#barShown = false;
  }
}

/** 1,234,567 → "1.23 MB". */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

export function decibelText(psnr: number | null): string {
  return psnr === null ? 'exact' : `${psnr.toFixed(2)} dB`;
}

/** Columns of equal width, numbers to the right. */
export function tableText(rows: (string | number)[][]): string {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return cells.map((row) => line(row).trimEnd()).join('\n');
}
