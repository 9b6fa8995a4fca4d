import * as vscode from 'vscode';
import { withoutSecrets } from '../diagnostics/redact.js';

/** Lines that are kept for diagnostics; VS Code keeps more of them in files, which it rotates. */
const KEPT = 300;

/** What the server writes to its standard error, and what goes wrong with it, in the channel “ClipCov”, without secrets. */
export class ServerLog implements vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel('ClipCov', { log: true });
  private readonly kept: string[] = [];

  line(line: string): void {
    const level = /^\W*(error|warn|debug|trace)/i.exec(line)?.[1]?.toLowerCase() ?? 'info';
    this.channel[level as 'error' | 'warn' | 'debug' | 'trace' | 'info'](this.keep(line));
  }

  /** The one place where a stack trace may be read. */
  error(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.channel.error(this.keep(text));
  }

  /** The last lines. */
  get last(): readonly string[] {
    return this.kept;
  }

  private keep(text: string): string {
    const safe = withoutSecrets(text);
    this.kept.push(`${new Date().toISOString()} ${safe}`);
    if (this.kept.length > KEPT) this.kept.shift();
    return safe;
  }

  show(): void {
    this.channel.show(true);
  }

  dispose(): void {
    this.channel.dispose();
  }
}
