import type { RequestParams } from '../../server/protocol/contract.js';

/** The arguments with which `clipcov` does what the parameters say, on its own and in any folder. */
export function selectArguments(params: RequestParams<'select'>): string[] {
  const options: [string, string | number | undefined][] = [
    ['budget', params.budget],
    ['method', params.method],
    ['image-column', params.columns?.image],
    ['caption-column', params.columns?.caption],
    ['model', params.model],
    ['store', params.store],
    ['embeddings', params.embeddings],
    ['device', params.device],
    ['memory', params.memory],
    ['classes', params.classes],
    ['class-embeddings', params.classEmbeddings],
    ['kmeans', params.kmeans],
    ['weights', params.weights && weightsText(params.weights)],
    ['seed', params.seed],
    ['near-duplicates', params.nearDuplicates],
    ['target', params.target],
    ['norm', params.norm],
    ['early', params.early],
    ['include', params.include],
    ['exclude', params.exclude],
    ['exclude-findings', params.excludeFindings?.length ? params.excludeFindings.join() : undefined],
    ['holdout', params.holdout],
    ['class-quota', params.classQuota],
    ['out', params.out],
  ];
  return [
    'select',
    params.source,
    // With `=`, a value may begin with a dash.
    ...options.filter(([, value]) => value !== undefined).map(([name, value]) => `--${name}=${value}`),
    ...(params.approvedRoots ?? []).map((root) => `--allow-root=${root}`),
    // What is done unless the command line says otherwise is not the same in the editor.
    ...(params.evaluate === false ? [] : ['--evaluate']),
  ];
}

function weightsText(weights: NonNullable<RequestParams<'select'>['weights']>): string {
  return Object.entries(weights)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** As a line to paste: for PowerShell on Windows, else for a POSIX shell. */
export function commandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): string {
  const variables = Object.entries(environment);
  if (platform === 'win32') {
    const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
    return [
      ...variables.map(([name, value]) => `$env:${name} = ${literal(value)};`),
      'clipcov',
      ...args.map((text) => (/^[\w./\\:%=+-]+$/.test(text) ? text : literal(text))),
    ].join(' ');
  }
  const quoted = (text: string): string =>
    /^[\w./:%=,+@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    ...variables.map(([name, value]) => `${name}=${quoted(value)}`),
    'clipcov',
    ...args.map(quoted),
  ].join(' ');
}
