/**
 * What a run writes down of itself: starts and ends of engines, jobs that failed. It stays on this machine.
 */
export interface Log {
  /** Path of the file that is written now. */
  readonly file: string;
  /**
   * Adds an entry; never throws.
   *
   * @param event what happened, such as `engine crashed`
   * @param fields JSON values
   * @example log.write('engine started', { engine: 'nets', pid: 4711 });
   */
  write(event: string, fields?: Record<string, unknown>): void;
}
