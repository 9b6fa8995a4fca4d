import type { RequestParams } from '../../server/protocol/contract.js';
import type { MeasuredRate, RunState } from '../../server/protocol/panel.js';
import type { Stage } from '../../server/protocol/progress.js';
import { percentDone } from './figures.js';
import type { KeptRuns } from './keptRuns.js';

/** How often the progress of a run is kept within a stage. */
const KEEP_MS = 5_000;
/** A rate over fewer pairs is mostly the model's start. */
const FEWEST_PAIRS = 200;

/** Keeps one selection while it goes on, so that it can be gone on with whatever ends it. */
export class RunKeeper {
  private stage: Stage | null = null;
  private keptAt = 0;
  private rate: MeasuredRate | null = null;
  private pairs = 0;
  private begun = false;

  constructor(
    private readonly kept: KeptRuns,
    private readonly params: RequestParams<'select'>,
    /** Name of the model that embeds, null where it is not known. */
    private readonly model: string | null,
    private readonly now: () => number = Date.now,
  ) {}

  changed({ status, progress }: RunState): void {
    const { source } = this.params;
    if (!this.begun) {
      this.begun = true;
      void this.kept.begin(this.params);
    }
    switch (status) {
      case 'running':
        if (progress) this.progressed(progress);
        return;
      case 'paused':
        if (progress) void this.kept.reached(source, progress.stage, percentDone(progress));
        return void this.kept.paused(source);
      case 'cancelled':
      case 'failed':
      case 'done':
        return void this.kept.forget(source);
    }
  }

  private progressed(progress: NonNullable<RunState['progress']>): void {
    const { stage, done, rate, device } = progress;
    if (stage === 'embed' && rate !== null) {
      this.rate = { rate, device };
      this.pairs = done;
    } else if (stage !== 'embed' && this.rate) this.keepRate(this.rate);
    if (stage === this.stage && this.now() - this.keptAt < KEEP_MS) return;
    this.stage = stage;
    this.keptAt = this.now();
    void this.kept.reached(this.params.source, stage, percentDone(progress));
  }

  private keepRate(rate: MeasuredRate): void {
    this.rate = null;
    if (this.model && this.pairs >= FEWEST_PAIRS)
      void this.kept.measured(this.model, this.params.device ?? 'auto', rate);
  }
}
