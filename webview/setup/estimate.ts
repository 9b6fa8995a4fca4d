import { html, nothing, type TemplateResult } from 'lit';
import type { Inspection } from '../../server/protocol/dataset.js';
import type { DeviceChoice } from '../../server/protocol/fields.js';
import type { SetupState } from '../../server/protocol/panel.js';
import { bytes, count, duration, rate } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

/** What a run is about to cost, as far as it can be known. */
export interface Estimate {
  usable: number;
  /** Pairs that have no embeddings yet. */
  toEmbed: number;
  /** Null where this machine has not embedded with this model and device before. */
  seconds: number | null;
  device: string | null;
  /** Pairs a second. */
  rate: number | null;
  /** Of the embeddings that are still to be written. */
  diskBytes: number;
}

export function estimate(
  { pairs, skipped, embedded, storeBytes }: Inspection,
  rates: SetupState['rates'],
  device: DeviceChoice,
): Estimate {
  const usable = Math.max(0, pairs - skipped.total);
  const toEmbed = Math.max(0, Math.min(usable, pairs - embedded));
  const known = rates[device];
  return {
    ...{ usable, toEmbed },
    seconds: toEmbed === 0 ? 0 : known ? toEmbed / known.rate : null,
    device: known?.device ?? null,
    rate: known?.rate ?? null,
    diskBytes: usable > 0 ? (storeBytes * toEmbed) / usable : 0,
  };
}

/** The estimate in words, above the button that starts the run. */
export function estimateView(expected: Estimate, memory: number): TemplateResult {
  const { usable, toEmbed, seconds, device, rate: known, diskBytes } = expected;
  const time =
    usable === 0
      ? t('none: no pair can be used')
      : toEmbed === 0
        ? t('none: all embeddings are there')
        : seconds === null
          ? t('known once this machine has embedded some')
          : t('about {0}', duration(seconds));
  return html`<dl class="facts" aria-label=${t('Before you start')}>
    ${fact(t('To embed'), t('{0} pairs', count(toEmbed)))} ${fact(t('Time to embed'), time)}
    ${fact(t('Memory'), t('at most {0} GiB', memory))}
    ${diskBytes > 0 ? fact(t('Disk'), t('about {0}', bytes(diskBytes))) : nothing}
    ${
      device && known
        ? fact(t('Device last time'), t('{0}, {1} pairs/s', visibleText(device), rate(known)))
        : nothing
    }
  </dl>`;
}

function fact(name: string, value: string): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
