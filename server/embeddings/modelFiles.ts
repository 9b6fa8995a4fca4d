import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MODEL_VARIANTS, type ModelVariant } from '../protocol/models.js';

/** What a CLIP export has beside its graphs; paths in an export are written with `/`. */
export const REQUIRED_FILES = ['config.json', 'preprocessor_config.json', 'tokenizer.json'] as const;
/** What is used where it is there, or belongs to a copy (the card and the licence). */
export const OPTIONAL_FILES = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'classes.json',
  'zeroshot_classification_templates.txt',
  'README.md',
  'LICENSE',
  'LICENSE.md',
  'LICENSE.txt',
] as const;

/** The graphs of both towers, of full precision where no variant is named. */
export function towerFiles(variant: ModelVariant | null): { vision: string; text: string } {
  const suffix = variant === null ? '' : `_${variant}`;
  return { vision: `onnx/vision_model${suffix}.onnx`, text: `onnx/text_model${suffix}.onnx` };
}

/** The precisions whose two towers lie in the folder, full precision (null) first. */
export function variantsIn(folder: string): (ModelVariant | null)[] {
  return [null, ...MODEL_VARIANTS].filter((variant) =>
    Object.values(towerFiles(variant)).every((name) => existsSync(join(folder, name))),
  );
}
