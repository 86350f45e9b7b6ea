import type { EngineRunner, Engines } from './engines';

/** Engines that tell when somebody waits for the one that runs nets, and when nobody does any more. */
export class WatchedEngines implements Engines {
  readonly main: EngineRunner;
  #waiting = 0;
  /** Hears of the first who waits, and of the last who need not any more. */
  onBusy: () => void = () => {};
  onIdle: () => void = () => {};

  constructor(readonly engines: Engines) {
    this.main = {
      hold: () => engines.main.hold(),
      run: async (kind, args, options) => {
        if (this.#waiting++ === 0) this.onBusy();
        try {
          return await engines.main.run(kind, args, options);
        } finally {
          if (--this.#waiting === 0) this.onIdle();
        }
      },
    };
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }
  get pixels(): EngineRunner {
    return this.engines.pixels;
  }
  get numbers(): EngineRunner {
    return this.engines.numbers;
  }
  get charts(): EngineRunner {
    return this.engines.charts;
  }
  stopCharts(): void {
    this.engines.stopCharts();
  }
  configure(options: Parameters<Engines['configure']>[0]): void {
    this.engines.configure(options);
  }
  close(): Promise<void> {
    return this.engines.close();
  }
}
