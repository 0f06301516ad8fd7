import type { Path } from '../../model/path.ts';
import { progressBar, type Terminal } from '../../production/terminal.ts';
import type { ImportReport } from '../../streams/imports.ts';
import { sentWith } from './importSent.ts';
import { ImportTally } from './importTally.ts';
import { linesRead, NOTHING_SENT, reasonsText, type Sent, sentText, some } from './importText.ts';
import { progressOf } from './scriptFolder.ts';

const pathText = (path: Path): string => {
  if (path._tag === 'Open') return ` · uploads wait: ${path.reason}`;
  return path._tag === 'Parked' ? ` · UPLOADS PARKED: ${path.reason}: ${path.advice}` : '';
};

/** What is told while it runs and at the end. */
export class Telling {
  sent: Sent = NOTHING_SENT;
  #path = '';
  readonly #tally = new ImportTally();
  readonly #progress: () => number;
  readonly #terminal: Terminal;
  readonly #follows: boolean;

  constructor(dir: string, terminal: Terminal, follows: boolean) {
    this.#progress = progressOf(dir, this.#tally);
    this.#terminal = terminal;
    this.#follows = follows;
  }

  hear(report: ImportReport): void {
    if (report._tag === 'Read') this.#tally.read(report.lines);
    if (report._tag === 'LeftOut') this.#tally.leftOut(report.value);
    if (report._tag === 'Uploaded') this.sent = sentWith(this.sent, report.outcome);
    if (report._tag === 'UploadPath') this.#path = pathText(report.path);
    this.#draw();
  }

  #draw(): void {
    const { readings, dwells, failed } = this.sent;
    const said = `${linesRead(this.#tally)} read · ${some(readings + dwells)} rows in the database · ${some(failed)} failed${this.#path}`;
    const done = this.#progress();
    this.#terminal.status(
      this.#follows && done === 1 ? `  following · ${said}` : progressBar(done, said),
    );
  }

  conclude(): void {
    this.#terminal.status('');
    this.#terminal.print(`\n${reasonsText(this.#tally)}${sentText(this.sent)}`);
  }
}
