import type { RequestParams } from './contract.js';
import type { Distributions, Explanation, PairClass, PairPage, PairRow, Thumbnail } from './pairs.js';
import type { PairFilter, PairView, ProjectionKind } from './pairView.js';
import type { MapColumn, MapView, PairMark, PanelCommand, PanelState } from './panel.js';

/** What a user may set in the panel's form. Files are no part of it: the host asks for those, no webview names a path. */
export type RunOptions = Fields<
  RequestParams<'select'>,
  'budget' | 'method' | 'nearDuplicates' | 'seed' | 'weights' | 'device' | 'kmeans' | 'excludeFindings'
> & { classes: ClassChoice };

/** Where latent classes come from: `auto` are the model's names, or k-means where it has none. */
export type ClassChoice = 'auto' | 'imagenet-1k' | 'file' | 'k-means';

type Fields<T, K extends keyof T> = { [P in K]: T[P] };

export type ToPanel =
  /** With the first page of its subset where that is at hand: the answer to what would be asked for next. */
  | { type: 'state'; state: PanelState; first?: PairPage }
  | { type: 'rows'; request: number; rows: PairRow[]; total: number }
  | { type: 'classes'; request: number; classes: PairClass[] }
  | { type: 'explanation'; request: number; explanation: Explanation }
  | { type: 'thumbnails'; request: number; thumbnails: Thumbnail[] }
  | { type: 'map'; request: number; map: MapView }
  | { type: 'mapColumns'; request: number; columns: string[] }
  | { type: 'distributions'; request: number; distributions: Distributions }
  | { type: 'failed'; request: number; message: string };

export type FromPanel =
  | { type: 'ready' }
  | { type: 'start'; options: RunOptions }
  | { type: 'cancel' }
  /** Ends the job so that it can be gone on with; every stage keeps what is done. */
  | { type: 'pause' }
  /** Puts the command that runs the same into the clipboard. */
  | { type: 'copyCommand'; options: RunOptions }
  | { type: 'repeat'; id: number }
  /** About findings of a dataset report: list the pairs of one, or select without those of some. */
  | { type: 'listFinding'; finding: string }
  | { type: 'selectWithout'; findings: string[] }
  /** Opens the image of a listed pair. */
  | { type: 'openImage'; id: number }
  | { type: 'rows'; request: number; offset: number; limit: number; view: PairView; terms: boolean }
  | { type: 'pairs'; request: number; ids: number[] }
  /** Answered with one row, or none where only the picks are at hand. */
  | { type: 'pairAt'; request: number; row: number }
  | { type: 'classes'; request: number; where: PairFilter }
  | { type: 'thumbnails'; request: number; ids: number[]; size: 'small' | 'large' }
  /** Another one ends the one before. */
  | { type: 'explain'; request: number; id: number }
  | { type: 'reveal'; id: number }
  /** Whether pairs are to be picked, or not to be, when it is selected again; null for neither. */
  | { type: 'mark'; ids: number[]; how: PairMark | null }
  /** Answered once the map is made, which may take minutes; `cancelMap` ends that. */
  | { type: 'map'; request: number; by: ProjectionKind }
  | { type: 'cancelMap' }
  | { type: 'distributions'; request: number }
  /** Saves the first picks as a subset of their own; the host asks for its name. */
  | { type: 'cut'; picks: number }
  | { type: 'mapColumns'; request: number; by: ProjectionKind; columns: MapColumn[]; offset: number }
  | { type: 'command'; command: PanelCommand };
