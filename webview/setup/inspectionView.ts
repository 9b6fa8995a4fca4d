import { html, nothing, type TemplateResult } from 'lit';
import type { Inspection } from '../../server/protocol/dataset.js';
import { warningNote } from '../note/note.js';
import { bytes, count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { skippedRows } from './skippedRows.js';

/** Its name, which no model of the hub has. */
const EMBEDDED_MODEL = 'icon-clip';
const KINDS = {
  table: t('Table'),
  folder: t('Folder'),
  webdataset: 'WebDataset',
  parquet: 'Parquet',
  store: t('Embedding store'),
} as const;

/** What a run would work on, and what it would write where. */
export function inspectionView(inspection: Inspection, chooseColumns: () => void): TemplateResult {
  const { kind, pairs, skipped, store, storeBytes, model } = inspection;
  return html`<section aria-label=${t('Dataset')}>
    <dl class="facts">
      <div>
        <dt>${t('Usable pairs')}</dt>
        <dd class="figure">${count(pairs - skipped.total)}</dd>
      </div>
      <div>
        <dt>${t('Skipped rows')}</dt>
        <dd class="figure">${count(skipped.total)}</dd>
      </div>
      <div>
        <dt>${t('Read as')}</dt>
        <dd class="figure">${KINDS[kind]}</dd>
      </div>
      <div>
        <dt>${kind === 'store' ? t('Embeddings') : t('Disk space of embeddings')}</dt>
        <dd class="figure">${bytes(storeBytes)}</dd>
      </div>
      <div class="wide">
        <dt>${kind === 'store' ? t('Embeddings are read from') : t('Embeddings are kept in')}</dt>
        <dd class="path">${visibleText(store)}</dd>
      </div>
      ${kind === 'table' || kind === 'parquet' ? columnsOf(inspection, chooseColumns) : nothing}
      <div class="wide">
        <dt>${t('Model')}</dt>
        <dd>
          <span class="path">${visibleText(model)}</span>
          ${model === EMBEDDED_MODEL ? html`<span class="muted"> ${t('comes with ClipCov; knows icons and pictograms alone')}</span>` : nothing}
        </dd>
      </div>
    </dl>
    ${pairs > 0 && pairs === skipped.total ? noneUsable(inspection) : nothing} ${skippedRows(skipped)}
  </section>`;
}

function columnsOf({ columns }: Inspection, choose: () => void): TemplateResult {
  return html`<div class="wide">
    <dt>${t('Columns of image and caption')}</dt>
    <dd dir="auto">
      ${columns ? `${visibleText(columns.image)} · ${visibleText(columns.caption)}` : t('by their usual names')}
      <button type="button" class="link" @click=${choose}>${t('Choose Columns…')}</button>
    </dd>
  </div>`;
}

/** A form that can start nothing says why, and what to do. */
function noneUsable({ kind, skipped: { reasons } }: Inspection): TemplateResult {
  const [first] = [...reasons].sort((a, b) => b.count - a.count);
  const lacksCaptions = kind === 'folder' && first?.reason.startsWith('caption');
  return warningNote(
    lacksCaptions
      ? t(
          'No image of this folder has a caption. Put NAME.txt or NAME.json beside each image, or choose a table of images and captions.',
        )
      : t('No pair of this dataset can be used; most often: {0}.', visibleText(first?.reason ?? '')),
  );
}
