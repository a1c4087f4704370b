/** A wait that can be ended from outside: for one who waits at a time. */
export class Pause {
  #end: (() => void) | undefined;

  /** Resolves when somebody ends it, or after `ms`. */
  sleep(ms: number = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => this.end(), ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    const end = this.#end;
    this.#end = undefined;
    end?.();
  }
}
