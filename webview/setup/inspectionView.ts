import { html, type TemplateResult } from 'lit';
import type { Inspection } from '../../server/protocol/dataset.js';
import { bytes, count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { skippedRows } from './skippedRows.js';

const KINDS = {
  table: t('Table'),
  folder: t('Folder'),
  webdataset: 'WebDataset',
  parquet: 'Parquet',
  store: t('Embedding store'),
} as const;

/** What a run would work on, and what it would write where. */
export function inspectionView(inspection: Inspection): TemplateResult {
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
      <div class="wide">
        <dt>${t('Model')}</dt>
        <dd class="path">${visibleText(model)}</dd>
      </div>
    </dl>
    ${skippedRows(skipped)}
  </section>`;
}
