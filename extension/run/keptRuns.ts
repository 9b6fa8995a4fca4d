import type * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { MeasuredRate, SetupState, UnfinishedRun } from '../../server/protocol/panel.js';
import type { Stage } from '../../server/protocol/progress.js';

type Params = RequestParams<'select'>;
type Storage = Pick<vscode.Memento, 'get' | 'update'>;

/** A run that was started here, with all that is needed to start it again. */
export interface KeptRun {
  id: number;
  params: Params;
}

interface Unfinished {
  params: Params;
  paused: boolean;
  stage: Stage | null;
  percent: number;
}

const RUNS = 'clipcov.runs';
const UNFINISHED = 'clipcov.unfinished';
const RATES = 'clipcov.rates';
/** Of every source together; a source shows its own. */
const MOST_RUNS = 24;
const MOST_SHOWN = 5;
const MOST_UNFINISHED = 16;
const MOST_MODELS = 32;

/**
 * What outlives a window: runs to repeat and runs to go on with, in the workspace's own storage, and how fast this
 * machine was. None of it is a file of the workspace, so nobody else can write it.
 */
export class KeptRuns {
  constructor(
    private readonly workspace: Storage,
    private readonly machine: Storage,
  ) {}

  /** Keeps a run that begins: as one to repeat, and as one to go on with until it is done. */
  async begin(params: Params): Promise<void> {
    const runs = this.runs();
    const same = JSON.stringify(params);
    const id = runs.reduce((largest, run) => Math.max(largest, run.id), 0) + 1;
    const others = runs.filter((run) => JSON.stringify(run.params) !== same);
    await this.workspace.update(RUNS, [{ id, params }, ...others].slice(0, MOST_RUNS));
    await this.keepUnfinished(params.source, { params, paused: false, stage: null, percent: 0 });
  }

  /** How far an unfinished run has come, for the day when it is gone on with. */
  async reached(source: string, stage: Stage, percent: number): Promise<void> {
    const unfinished = this.unfinishedRuns()[source];
    if (unfinished) await this.keepUnfinished(source, { ...unfinished, stage, percent });
  }

  async paused(source: string): Promise<void> {
    const unfinished = this.unfinishedRuns()[source];
    if (unfinished) await this.keepUnfinished(source, { ...unfinished, paused: true });
  }

  /** It is done, or nobody wants to go on with it. */
  async forget(source: string): Promise<void> {
    await this.workspace.update(UNFINISHED, Object.fromEntries(this.othersUnfinished(source)));
  }

  run(id: number): Params | null {
    return this.runs().find((run) => run.id === id)?.params ?? null;
  }

  /** The newest first; of one source, or of all. */
  runs(source?: string): KeptRun[] {
    const runs = this.workspace.get<KeptRun[]>(RUNS, []);
    return source === undefined ? runs : runs.filter(({ params }) => params.source === source);
  }

  unfinished(source: string): Params | null {
    return this.unfinishedRuns()[source]?.params ?? null;
  }

  /** What the form is told of earlier runs. */
  shown(source: string): Pick<SetupState, 'recent' | 'unfinished'> {
    const recent = this.runs(source)
      .slice(0, MOST_SHOWN)
      .map(({ id, params }) => ({ id, label: runLabel(params) }));
    const kept = this.unfinishedRuns()[source];
    if (!kept) return { recent, unfinished: null };
    const { paused, stage, percent } = kept;
    const unfinished: UnfinishedRun = { why: paused ? 'paused' : 'interrupted', stage, percent };
    return { recent, unfinished };
  }

  rates(model: string): SetupState['rates'] {
    return this.machine.get<Record<string, SetupState['rates']>>(RATES, {})[model] ?? {};
  }

  async measured(model: string, asked: keyof SetupState['rates'], rate: MeasuredRate): Promise<void> {
    const { [model]: known = {}, ...others } = this.machine.get<Record<string, SetupState['rates']>>(
      RATES,
      {},
    );
    const kept = Object.entries(others).slice(0, MOST_MODELS - 1);
    await this.machine.update(RATES, { [model]: { ...known, [asked]: rate }, ...Object.fromEntries(kept) });
  }

  private unfinishedRuns(): Record<string, Unfinished> {
    return this.workspace.get<Record<string, Unfinished>>(UNFINISHED, {});
  }

  private othersUnfinished(source: string): [string, Unfinished][] {
    return Object.entries(this.unfinishedRuns()).filter(([other]) => other !== source);
  }

  private async keepUnfinished(source: string, run: Unfinished): Promise<void> {
    const kept = this.othersUnfinished(source).slice(0, MOST_UNFINISHED - 1);
    await this.workspace.update(UNFINISHED, { [source]: run, ...Object.fromEntries(kept) });
  }
}

/** What tells one run of a source from another: `clipcov · 10% · seed 3`. */
export function runLabel({
  method = 'clipcov',
  budget,
  seed,
  nearDuplicates,
  kmeans,
  device,
}: Params): string {
  return [
    method,
    budget,
    kmeans === undefined ? null : `k-means ${kmeans}`,
    nearDuplicates === undefined ? null : `ε ${nearDuplicates}`,
    seed ? `seed ${seed}` : null,
    device === undefined || device === 'auto' ? null : device,
  ]
    .filter(Boolean)
    .join(' · ');
}
