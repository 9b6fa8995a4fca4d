import * as vscode from 'vscode';

/** What the server writes to its standard error, and what goes wrong with it, in the channel “ClipCov”. */
export class ServerLog implements vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel('ClipCov', { log: true });

  line(line: string): void {
    const level = /^\W*(error|warn|debug|trace)/i.exec(line)?.[1]?.toLowerCase() ?? 'info';
    this.channel[level as 'error' | 'warn' | 'debug' | 'trace' | 'info'](line);
  }

  /** The one place where a stack trace may be read. */
  error(error: unknown): void {
    this.channel.error(error instanceof Error ? error : String(error));
  }

  show(): void {
    this.channel.show(true);
  }

  dispose(): void {
    this.channel.dispose();
  }
}
