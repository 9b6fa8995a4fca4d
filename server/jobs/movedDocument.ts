import { dirname, resolve } from 'node:path';
import { pathInDocument, type SubsetDocument } from '../export/subsetDocument.js';
import { holdoutShare } from './holdout.js';

/** A document as it has to be at another place: it names files by where they lie from it. */
export function movedDocument(document: SubsetDocument, from: string, to: string): SubsetDocument {
  if (dirname(from) === dirname(to)) return document;
  const moved = (path: string): string => pathInDocument(to, resolve(dirname(from), path));
  const optional = (path: string | null): string | null => (path === null ? null : moved(path));
  const { parameters, classes } = document;
  const { holdout } = parameters;
  return {
    ...document,
    source: moved(document.source),
    imageRoot: optional(document.imageRoot),
    classes: 'file' in classes ? { ...classes, file: moved(classes.file) } : classes,
    parameters: {
      ...parameters,
      target: optional(parameters.target),
      early: optional(parameters.early),
      include: optional(parameters.include),
      exclude: optional(parameters.exclude),
      holdout: holdout === null || holdoutShare(holdout) !== null ? holdout : moved(holdout),
    },
  };
}
