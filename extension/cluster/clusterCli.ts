import { spawn } from 'node:child_process';
import type * as vscode from 'vscode';
import { ClipcovError } from '../../server/errors.js';

/** What `clipcov cluster ACTION … --json` prints. */
export interface ClusterPlan {
  stages: { name: string; what: string; tasks: number | null }[];
  estimate: { pairs: number | null; seconds: { task: number; all: number } | null };
  /** By stage. */
  scripts: Record<string, string>;
}

/** What would be submitted is new or has changed: somebody must look at these scripts first, and agree by their hash. */
export class NotAgreed extends Error {
  constructor(
    readonly scripts: ClusterPlan['scripts'],
    readonly hash: string,
  ) {
    super();
  }
}

/**
 * Runs the command line for a cluster. It talks to Slurm and to files, computes nothing, and ends in seconds, so it is no
 * job of the compute server, which runs one after another.
 */
export class ClusterCli {
  constructor(
    private readonly cli: string,
    private readonly environment: () => Record<string, string>,
  ) {}

  async run<T>(args: readonly string[], token?: vscode.CancellationToken): Promise<T> {
    const { code, stdout, stderr } = await this.start(['cluster', ...args, '--json'], token);
    if (code === 0) return JSON.parse(stdout) as T;
    if (stdout) {
      const { scripts, agree } = JSON.parse(stdout) as { scripts: ClusterPlan['scripts']; agree: string };
      throw new NotAgreed(scripts, agree);
    }
    const said = /clipcov: (.*)/.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? `exit code ${code}`;
    throw new ClipcovError('cluster', said);
  }

  private start(
    args: readonly string[],
    token?: vscode.CancellationToken,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.cli, ...args], {
        env: { ...process.env, ...this.environment(), ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const cancelled = token?.onCancellationRequested(() => child.kill());
      child.once('error', reject);
      child.once('close', (code) => {
        cancelled?.dispose();
        resolve({ code, stdout, stderr });
      });
    });
  }
}
