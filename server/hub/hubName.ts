import { ClipcovError } from '../errors.js';
import { MODEL_VARIANTS, type ModelVariant } from '../protocol/models.js';

/** A model on the hub. */
export interface HubName {
  /** `owner/name` */
  repo: string;
  /** Branch, tag or commit. */
  revision: string;
  variant: ModelVariant | null;
}

export const DEFAULT_REVISION = 'main';
const REPO = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;
const REVISION = /^\w[\w.+/-]{0,199}$/;
const WRITTEN = new RegExp(`^([^@:]+)(?:@([^:]+))?(?::(${MODEL_VARIANTS.join('|')}))?$`);

/** `owner/name[@revision][:variant]`; null where the text cannot be one. */
export function parseHubName(text: string): HubName | null {
  const [, repo, revision = DEFAULT_REVISION, variant] = WRITTEN.exec(text) ?? [];
  if (repo === undefined || !isRepo(repo) || !isRevision(revision)) return null;
  return { repo, revision, variant: (variant as ModelVariant | undefined) ?? null };
}

/** The same where a name must be one; what is given beside the name stands before what is written in it. */
export function hubName(text: string, revision?: string, variant?: ModelVariant): HubName {
  const parsed = parseHubName(text);
  if (!parsed)
    throw new ClipcovError('hub-name', `'${text}' is no name of a model on the hub.`, {
      fix: 'Write it as OWNER/NAME, for instance Xenova/clip-vit-base-patch32.',
    });
  if (revision !== undefined && !isRevision(revision))
    throw new ClipcovError('hub-name', `'${revision}' is no revision.`, {
      fix: 'Give a branch, a tag or a commit.',
    });
  return { ...parsed, revision: revision ?? parsed.revision, variant: variant ?? parsed.variant };
}

export function writeHubName({ repo, revision, variant }: HubName): string {
  return `${repo}${revision === DEFAULT_REVISION ? '' : `@${revision}`}${variant === null ? '' : `:${variant}`}`;
}

/** `--` parts owner and name in the cache, so no name has it. */
function isRepo(repo: string): boolean {
  return REPO.test(repo) && !/--|\.\.|[.-](\/|$)/.test(repo);
}

/** It becomes a path in the cache: no step out of it, no empty step. */
function isRevision(revision: string): boolean {
  return REVISION.test(revision) && !/\.\.|\/\/|\/\.|\/$/.test(revision);
}
