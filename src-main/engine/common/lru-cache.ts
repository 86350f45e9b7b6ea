/** A few values by key, the least recently used dropped first. Failed promises are not kept. */
export class LruCache<Value> {
  readonly #values = new Map<string, Promise<Value>>();

  constructor(readonly size: number) {}

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const found = this.#values.get(key);
    if (found) {
      this.#values.delete(key);
      this.#values.set(key, found);
      return found;
    }
    const made = make();
    this.#values.set(key, made);
    made.catch(() => {
      if (this.#values.get(key) === made) this.#values.delete(key);
    });
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.size) break;
      this.#values.delete(oldest);
    }
    return made;
  }

  /** A value that is there or being made; does not count as use. */
  peek(key: string): Promise<Value> | undefined {
    return this.#values.get(key);
  }
}
