/** Gives back what was opened, last first. */
export class Closers {
  readonly #steps: Array<() => Promise<void>> = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Takes every step, whatever becomes of the others. @throws the first problem, after the last step */
  async close(): Promise<void> {
    const problems: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop())
      await step().catch((problem: unknown) => problems.push(problem));
    if (problems.length > 0) throw problems[0];
  }

  /** Closes behind `work`, however that ends. @throws the first problem, of the work or of closing */
  async after(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (problem) {
      await this.close().catch(() => undefined);
      throw problem;
    }
    await this.close();
  }
}
