import { isOffline } from '../hub/access.js';
import type { PullPlan } from '../hub/pull.js';
import { checkModelJob, type ModelCheck } from '../jobs/checkModelJob.js';
import type { Agreement } from '../jobs/compareVariant.js';
import { listModels } from '../jobs/listModels.js';
import { pullModel } from '../jobs/pullModelJob.js';
import { checkModelParams, requestParams, UsageError, type Parsed } from './arguments.js';
import { askToDownload } from './consent.js';
import { byteCount, describeRefused, print, terminalContext } from './terminal.js';

/** `clipcov models list`, `pull NAME` and `check FOLDER|NAME`. */
export async function modelsCommand(parsed: Parsed): Promise<void> {
  const { positional, second } = parsed;
  const action = positional !== undefined && Object.hasOwn(actions, positional) && actions[positional];
  if (!action) throw new UsageError(`models: one of ${Object.keys(actions).join(', ')} is expected`);
  if (positional === 'list' && second !== undefined) throw new UsageError('models list takes no name');
  if (positional !== 'list' && second === undefined)
    throw new UsageError(`models ${positional}: a model is missing`);
  await action(parsed);
}

const actions: Record<string, (parsed: Parsed) => Promise<void>> = {
  async list(parsed) {
    const found = listModels();
    print(parsed, found, () =>
      [
        ...found.models.flatMap(({ name, commit, variants, bytes, folder }) => [
          `${name}  ${commit === null ? 'embedded, the default' : commit.slice(0, 12)}` +
            `  ${variants.map((variant) => variant ?? 'full').join(', ')}  ${byteCount(bytes)}`,
          `         ${folder}`,
        ]),
        `cache    ${found.cache}\n`,
      ].join('\n'),
    );
  },
  async pull(parsed) {
    const { second, values } = parsed;
    const params = requestParams('pullModel', {
      name: second,
      revision: values['revision'],
      variant: values['variant'],
    });
    const pulled = await pullModel(params, terminalContext(), {
      offline: isOffline() || values['offline'] === true,
      approve: (plan) => approve(plan, values['yes'] === true),
    });
    print(parsed, pulled, () =>
      [
        `${pulled.name} is in the cache: ${byteCount(pulled.bytes)}, ${byteCount(pulled.downloaded)} of it fetched now`,
        `commit   ${pulled.commit}`,
        `folder   ${pulled.folder}`,
        `use it with --model ${pulled.name}\n`,
      ].join('\n'),
    );
  },
  async check(parsed) {
    const found = await checkModelJob(checkModelParams(parsed), terminalContext());
    print(parsed, found, () => describeCheck(found));
  },
};

/** Shows what would be fetched from where, and asks; on standard error, since the result alone is output. */
async function approve(plan: PullPlan, yes: boolean): Promise<void> {
  const missing = plan.files.filter(({ present }) => !present);
  const lines = [
    `${plan.repo} at ${plan.commit}, from ${plan.host}`,
    ...plan.files.map(
      ({ path, size, present }) =>
        `  ${byteCount(size).padStart(9)}  ${path}${present ? '  (in the cache)' : ''}`,
    ),
    `  ${byteCount(plan.missingBytes).padStart(9)}  to fetch, to ${plan.folder}`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  if (!yes && missing.length > 0) await askToDownload('models pull');
}

function describeCheck(found: ModelCheck): string {
  return [
    `${found.name} works on ${found.device.used}`,
    ...describeRefused(found.device),
    `folder   ${found.folder}`,
    `graphs   ${found.vision} and its text tower`,
    `width    ${found.dim}`,
    `images   ${found.pixels.join('×')}, roughly ${found.imagesPerSecond.toPrecision(2)} a second`,
    `captions up to ${found.contextLength} tokens`,
    `classes  ${found.classes || 'none of its own'}`,
    ...(found.comparison ? describeComparison(found.comparison) : []),
    '',
  ].join('\n');
}

function describeComparison(found: NonNullable<ModelCheck['comparison']>): string[] {
  const agree = ({ mean, worst }: Agreement): string =>
    `cosine ${mean.toFixed(5)} on average, ${worst.toFixed(5)} at worst`;
  return [
    `${found.variant.padEnd(8)} ${found.vision}, roughly ${found.imagesPerSecond.toPrecision(2)} images a second`,
    `         ${found.sample} images:   ${agree(found.images)}`,
    `         ${found.sample} captions: ${agree(found.captions)}`,
  ];
}
