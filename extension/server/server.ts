import * as vscode from 'vscode';
import type { RequestName, RequestParams, RequestResults } from '../../server/protocol/contract.js';
import { ClipcovError } from '../../server/errors.js';
import { Client, type RequestOptions } from './client.js';
import type { ServerLog } from './log.js';
import { startProcess, type ServerProcess } from './process.js';
import { RestartPolicy } from './restartPolicy.js';

interface Running {
  client: Client;
  process: ServerProcess;
  /** Variables that it was started with. */
  environment: Record<string, string>;
}

/** The compute server's life: started by the first request, started again after a crash, ended with the window. */
export class Server implements vscode.Disposable {
  private readonly policy = new RestartPolicy();
  private running: Promise<Running> | null = null;
  /** Requests that wait for their answer. */
  private pending = 0;
  /** Servers that were ended on purpose: their end is no crash. */
  private readonly replaced = new WeakSet<Client>();
  private stopped = false;
  private disposed = false;

  constructor(
    private readonly cli: string,
    private readonly log: ServerLog,
    /** What the settings say about the server's environment. */
    private readonly environment: () => Record<string, string>,
  ) {}

  async request<M extends RequestName>(
    method: M,
    params: RequestParams<M>,
    options: RequestOptions = {},
  ): Promise<RequestResults[M]> {
    const { client } = await this.start();
    this.pending++;
    try {
      return await client.request(method, params, options);
    } catch (error) {
      if (!client.closed) throw error;
      throw new ClipcovError('server-died', vscode.l10n.t('The compute server ended unexpectedly.'), {
        fix: vscode.l10n.t('Run it again: finished parts are kept. The server log says more.'),
        cause: error,
      });
    } finally {
      this.pending--;
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const running = await this.running?.catch(() => null);
    running?.client.dispose();
    await running?.process.stop();
  }

  private async start(): Promise<Running> {
    if (!vscode.workspace.isTrusted)
      throw new ClipcovError('untrusted', vscode.l10n.t('ClipCov computes only in a trusted workspace.'), {
        fix: vscode.l10n.t('Trust it with the command “Workspaces: Manage Workspace Trust”.'),
      });
    if (this.stopped) {
      void this.askWhatToDo();
      throw new ClipcovError(
        'server-stopped',
        vscode.l10n.t('The compute server crashed five times in three minutes.'),
        {
          fix: vscode.l10n.t('Restart it, or see the server log.'),
        },
      );
    }
    this.running = this.running ? this.upToDate(this.running) : this.launch();
    return this.running;
  }

  /** A server that knows other settings than those of now is replaced, once nobody waits for its answers. */
  private async upToDate(starting: Promise<Running>): Promise<Running> {
    const running = await starting;
    const { client, process, environment } = running;
    if (this.pending > 0 || client.closed) return running;
    if (JSON.stringify(environment) === JSON.stringify(this.environment())) return running;
    this.replaced.add(client);
    client.dispose();
    await process.stop();
    return this.launch();
  }

  private async launch(): Promise<Running> {
    for (;;) {
      try {
        return await this.launchOnce();
      } catch (error) {
        this.log.error(error);
        if (this.disposed || !isCrash(error) || !this.noteCrash()) {
          this.running = null;
          throw error;
        }
      }
    }
  }

  private async launchOnce(): Promise<Running> {
    const environment = this.environment();
    const process = await startProcess(this.cli, (line) => this.log.line(line), environment);
    try {
      const client = await Client.connect(process.handshake);
      // A server that can no longer be talked to is as good as dead; its end answers the requests in flight.
      client.onClose(() => void process.stop());
      void process.exited.then((how) => this.exited(client, how));
      return { client, process, environment };
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  private exited(client: Client, how: string): void {
    client.dispose();
    if (this.replaced.has(client)) return;
    this.running = null;
    if (this.disposed) return;
    this.log.error(`The compute server ended: ${how}.`);
    if (this.noteCrash()) this.start().catch((error: unknown) => this.log.error(error));
  }

  private noteCrash(): boolean {
    if (this.policy.crashed()) return true;
    this.stopped = true;
    void this.askWhatToDo();
    return false;
  }

  private async askWhatToDo(): Promise<void> {
    const restart = vscode.l10n.t('Restart');
    const showLog = vscode.l10n.t('Show Log');
    const choice = await vscode.window.showErrorMessage(
      vscode.l10n.t('ClipCov’s compute server crashed five times in three minutes and stays stopped.'),
      restart,
      showLog,
    );
    if (choice === showLog) this.log.show();
    if (choice !== restart) return;
    this.stopped = false;
    this.policy.reset();
    this.start().catch((error: unknown) => this.log.error(error));
  }
}

/** Another version, or a wrong answer, will be the same at the next try. */
function isCrash(error: unknown): boolean {
  return !(error instanceof ClipcovError) || error.code === 'server-start';
}
