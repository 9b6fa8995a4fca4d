import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ClipcovError } from '../errors.js';
import type { ModelVariant } from '../protocol/models.js';
import { externalData } from './externalData.js';
import { towerFiles, variantsIn } from './modelFiles.js';

/** A CLIP in the layout of the exports on the Hugging Face hub; every size and constant is read from its files. */
export interface ProxyModel {
  folder: string;
  name: string;
  /** SHA-256 over the files that an embedding depends on. */
  fingerprint: string;
  /** Precision of the graphs, full where null. */
  variant: ModelVariant | null;
  /** Bytes of the image tower's largest intermediate, for one image. */
  imageBytes: number;
  /** Width d of an embedding. */
  dim: number;
  vision: string;
  text: string;
  tokenizer: { tokenizer: object; config: object };
  /** Tokens of the longest caption, special tokens included. */
  contextLength: number;
  pixels: PixelPlan;
  /** Class names that come with the model, most frequent first, or null. */
  classNames: string[] | null;
  /** Prompts with `{}` for the name. */
  templates: string[];
}

/** How an image becomes `pixel_values`: resize, crop the centre, scale, normalise. */
export interface PixelPlan {
  /** The shortest edge becomes this long, or the whole image this large whatever its shape. */
  resize: { shortestEdge: number } | { width: number; height: number };
  cropWidth: number;
  cropHeight: number;
  /** By libvips, which enlarges by a cubic where Lanczos is asked for; making smaller is as PIL does it. */
  kernel: 'nearest' | 'linear' | 'cubic' | 'lanczos3';
  rescale: number;
  mean: [number, number, number];
  std: [number, number, number];
}

const size = z.number().int().positive().max(4096);
const rgb = z.tuple([z.number(), z.number(), z.number()]);
const whole = z.number().int().positive();
/**
 * What a config leaves out is as here, by the format's own rule; an image tower of another kind is taken for this one.
 * The wide layer is four times the hidden one where nothing else is said.
 */
const FIRST_CLIP = { patch_size: 32, hidden_size: 768, intermediate_size: 0, num_attention_heads: 12 };
const configSchema = z.object({
  projection_dim: z.number().int().positive(),
  text_config: z.object({ max_position_embeddings: z.number().int().positive() }).optional(),
  vision_config: z
    .object({
      patch_size: whole.catch(FIRST_CLIP.patch_size),
      hidden_size: whole.catch(FIRST_CLIP.hidden_size),
      intermediate_size: whole.catch(FIRST_CLIP.intermediate_size),
      num_attention_heads: whole.catch(FIRST_CLIP.num_attention_heads),
    })
    .catch(FIRST_CLIP),
});
/** The first CLIP's, which CLIPImageProcessor takes where a config names none. */
const OPENAI_MEAN: [number, number, number] = [0.48145466, 0.4578275, 0.40821073];
const OPENAI_STD: [number, number, number] = [0.26862954, 0.26130258, 0.27577711];
/**
 * `do_convert_rgb` is not read: pictures in RGB are the same either way, and of any other CLIPImageProcessor could make no
 * `pixel_values` of three channels without it.
 */
const preprocessorSchema = z.object({
  size: z.union([size, z.object({ shortest_edge: size }), z.object({ height: size, width: size })]),
  crop_size: z.union([size, z.object({ height: size, width: size })]).optional(),
  do_resize: z.boolean().default(true),
  do_center_crop: z.boolean().default(true),
  do_rescale: z.boolean().default(true),
  do_normalize: z.boolean().default(true),
  resample: z.number().int().default(3),
  rescale_factor: z.number().default(1 / 255),
  image_mean: rgb.nullish().transform((mean) => mean ?? OPENAI_MEAN),
  image_std: rgb.nullish().transform((std) => std ?? OPENAI_STD),
});
/** PIL's resampling filters by number, in sharp's names. */
const KERNELS: Record<number, PixelPlan['kernel']> = { 0: 'nearest', 1: 'lanczos3', 2: 'linear', 3: 'cubic' };

/** A folder of `models/`, which ships with the product. */
export function bundledFolder(name: string): string {
  // From the bundle in dist/ and from the sources alike: the nearest ancestor that has it.
  for (let up = '.'; up.length < 40; up = join('..', up)) {
    const folder = fileURLToPath(new URL(`${up}/models/${name}`, import.meta.url));
    if (existsSync(folder)) return folder;
  }
  throw new ClipcovError('model-missing', `The folder models/${name} is missing from the installation.`, {
    fix: 'Install ClipCov again.',
  });
}

/** The model that ships with the product. */
export function embeddedModelFolder(): string {
  return bundledFolder('icon-clip');
}

/** Class names with prompts of their own, that ship with the product. */
export const BUNDLED_CLASSES = ['imagenet-1k'] as const;
export type BundledClasses = (typeof BUNDLED_CLASSES)[number];

export function readBundledClasses(name: BundledClasses): { names: string[]; templates: string[] } {
  const folder = bundledFolder(name);
  return {
    names: readJson(folder, 'classes.json', z.array(z.string().min(1)).min(1)),
    templates: readTemplates(join(folder, 'zeroshot_classification_templates.txt')),
  };
}

/**
 * Reads and checks a model folder; the graphs themselves are opened by the encoder. `name` is the folder's where absent.
 * `variant` is the precision to take: the fullest that is there where absent.
 */
export async function loadModel(
  folder: string = embeddedModelFolder(),
  { name, variant }: { name?: string; variant?: ModelVariant | null } = {},
): Promise<ProxyModel> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ClipcovError('model-missing', 'The model folder does not exist.', {
      where: folder,
      fix: 'Give a folder in the layout of the CLIP exports on the Hugging Face hub.',
    });
  const precision = variant === undefined ? fullest(folder) : variant;
  const towers = towerFiles(precision);
  const vision = required(folder, towers.vision);
  const text = required(folder, towers.text);
  const config = readJson(folder, 'config.json', configSchema);
  const preprocessor = readJson(folder, 'preprocessor_config.json', preprocessorSchema);
  const tokenizerFile = required(folder, 'tokenizer.json');
  const tokenizerConfig = existsSync(join(folder, 'tokenizer_config.json'))
    ? readJson(folder, 'tokenizer_config.json', z.looseObject({ model_max_length: z.number().optional() }))
    : {};
  const pixels = pixelPlan(folder, preprocessor);
  const files = [
    ...[vision, ...externalData(vision)],
    ...[text, ...externalData(text)],
    tokenizerFile,
    ...['config.json', 'preprocessor_config.json', 'tokenizer_config.json']
      .map((name) => join(folder, name))
      .filter((file) => existsSync(file)),
  ];
  return {
    folder,
    name: name ?? basename(realpathSync(folder)),
    fingerprint: await fingerprint(files),
    variant: precision,
    dim: config.projection_dim,
    vision,
    imageBytes: largestIntermediate(config.vision_config, pixels),
    text,
    tokenizer: { tokenizer: readJson(folder, 'tokenizer.json', z.looseObject({})), config: tokenizerConfig },
    contextLength: Math.min(
      config.text_config?.max_position_embeddings ?? 77,
      tokenizerConfig.model_max_length ?? Infinity,
    ),
    pixels,
    classNames: optionalJson(folder, 'classes.json', z.array(z.string().min(1)).min(1)),
    templates: readTemplates(join(folder, 'zeroshot_classification_templates.txt')),
  };
}

/** Full precision where none is complete: what is missing of it is then said. */
function fullest(folder: string): ModelVariant | null {
  return variantsIn(folder)[0] ?? null;
}

/** The plan of a preprocessor as CLIPImageProcessor reads it; what it cannot stand for is refused, not guessed. */
function pixelPlan(folder: string, config: z.output<typeof preprocessorSchema>): PixelPlan {
  const refuse = (why: string): never => {
    throw notAClip(join(folder, 'preprocessor_config.json'), why);
  };
  if (!config.do_resize) return refuse('do_resize is false, and images of every size cannot be one batch');
  const { size } = config;
  const resize =
    typeof size === 'number'
      ? { shortestEdge: size }
      : 'shortest_edge' in size
        ? { shortestEdge: size.shortest_edge }
        : size;
  const crop = config.crop_size ?? size;
  const [cropWidth, cropHeight] =
    typeof crop === 'number'
      ? [crop, crop]
      : 'shortest_edge' in crop
        ? [crop.shortest_edge, crop.shortest_edge]
        : [crop.width, crop.height];
  const [width, height] =
    'width' in resize ? [resize.width, resize.height] : [resize.shortestEdge, resize.shortestEdge];
  if (!config.do_center_crop && !('width' in resize))
    return refuse('do_center_crop is false, and a size of one edge leaves images of every shape');
  if (config.do_center_crop && (cropWidth > width || cropHeight > height))
    return refuse('crop_size is larger than size, which would pad images with black');
  return {
    resize,
    cropWidth: config.do_center_crop ? cropWidth : width,
    cropHeight: config.do_center_crop ? cropHeight : height,
    kernel:
      KERNELS[config.resample] ??
      refuse(`resample is ${config.resample}, which is none of ${Object.keys(KERNELS).join(', ')}`),
    rescale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
  };
}

/** Of a vision transformer in float32: the wide layer of a block, or the attention of all heads, or the image itself. */
function largestIntermediate(
  vision: z.output<typeof configSchema>['vision_config'],
  { cropWidth, cropHeight }: PixelPlan,
): number {
  const { patch_size: patch, hidden_size: hidden, num_attention_heads: heads } = vision;
  const tokens = Math.ceil(cropWidth / patch) * Math.ceil(cropHeight / patch) + 1;
  const wide = tokens * Math.max(vision.intermediate_size, 4 * hidden);
  return 4 * Math.max(wide, heads * tokens * tokens, 3 * cropWidth * cropHeight);
}

/** One prompt a line; `{}` and `a photo of a {}` where the file is missing. */
function readTemplates(file: string): string[] {
  if (!existsSync(file)) return ['{}', 'a photo of a {}'];
  const lines = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.replace('{c}', '{}'))
    .filter((line) => line.includes('{}'));
  return lines.length ? lines : ['{}'];
}

function required(folder: string, name: string): string {
  const file = join(folder, name);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw notAClip(file, 'the file is missing');
  return file;
}

function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): T {
  const file = required(folder, name);
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : String(error);
    throw notAClip(file, why);
  }
}

function optionalJson<T>(folder: string, name: string, schema: z.ZodType<T>): T | null {
  return existsSync(join(folder, name)) ? readJson(folder, name, schema) : null;
}

function notAClip(where: string, why: string): ClipcovError {
  return new ClipcovError('model-incomplete', `The model folder is not a complete CLIP export: ${why}.`, {
    where,
    fix: 'It needs config.json, preprocessor_config.json, tokenizer.json, onnx/vision_model.onnx and onnx/text_model.onnx.',
  });
}

async function fingerprint(files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${statSync(file).size}\n`);
    await pipeline(createReadStream(file), hash, { end: false });
  }
  return hash.digest('hex');
}
