// Stands in for the native log writer of VS Code, which is not compiled for tests: the log views read these files.
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

export class Logger {
  private level = 2;
  private plain = false;

  constructor(private readonly file: string) {}

  readonly trace = this.writer(0);
  readonly debug = this.writer(1);
  readonly info = this.writer(2);
  readonly warn = this.writer(3);
  readonly error = this.writer(4);
  readonly critical = this.writer(5);

  getLevel(): number {
    return this.level;
  }
  setLevel(level: number): void {
    this.level = level;
  }
  clearFormatters(): void {
    this.plain = true;
  }
  setPattern(): void {}
  flush(): void {}
  drop(): void {}

  private writer(level: number): (message: string) => void {
    return (message) => {
      if (level < this.level) return;
      const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
      try {
        appendFileSync(this.file, this.plain ? message : `${time} [${names[level]}] ${message}\n`);
      } catch {
        // The run may have removed its folders already.
      }
    };
  }
}

export const version = 1;
export function setLevel(): void {}
export function setFlushOn(): void {}

export async function createRotatingLogger(_name: string, file: string): Promise<Logger> {
  mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(file);
}

export const createAsyncRotatingLogger = createRotatingLogger;
