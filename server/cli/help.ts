import { EXPORT_FORMATS } from '../protocol/export.js';
import { DEVICES } from '../protocol/fields.js';
import { MODEL_VARIANTS } from '../protocol/models.js';
import { METHODS } from '../protocol/selection.js';

export const EXIT = { ok: 0, failed: 1, usage: 2, cancelled: 130 } as const;

/** Names in lines of the help's width. */
function wrapped(names: readonly string[]): string {
  const half = Math.ceil(names.length / 2);
  return `${names.slice(0, half).join(', ')},\n                             ${names.slice(half).join(', ')}`;
}

export const HELP = `clipcov: choose the image–caption pairs worth training CLIP on

usage
  clipcov embed DATASET                          embed what is new or has changed
  clipcov select DATASET|STORE --budget 10%|N    select a subset and save it; several: 5%,10%,20%
  clipcov evaluate DATASET|STORE --subset FILE [--on SET]
                                                 measure a subset beside random and clip-score; linear CLIP on labelled sets too
  clipcov sweep DATASET|STORE --budgets 5%,10%,20% --methods clipcov,clip-score,random --seeds 3
                                                 methods side by side at each budget; goes on where it was stopped
  clipcov evaluations DATASET|STORE              what sweeps have measured so far, comparable runs in one table
  clipcov evaluate-model --model A [--model B] --on SET [--on SET] [--out FOLDER]
                                                 zero-shot accuracy or retrieval of models, as CLIP_benchmark's JSON
  clipcov report DATASET                         what may be wrong with its pairs, by dimension of data quality
  clipcov doctor [DATASET]                       look at all that a run depends on: devices, memory, disk, model, stored files
  clipcov explain SUBSET ID                      why a pair is in a subset or not, term by term
  clipcov cut SUBSET --budget 5%|N --out NAME    save its first picks as a subset of their own
  clipcov export SUBSET --format F --out PATH    write the picks for a training run
  clipcov align STORE --out FOLDER               align images and captions of unimodal encoders (CSA)
  clipcov models list|pull NAME|check MODEL      models of the Hugging Face hub: what is there, fetch one, try one
  clipcov cuda                                   fetch ONNX Runtime's CUDA libraries: what from where, and asks
  clipcov cluster plan|submit|status|logs|cancel|resume DATASET --budget 10% --shards N
                                                 the same selection on a Slurm cluster with a shared file system
  clipcov serve                                  serve the editor on 127.0.0.1

DATASET is a folder (images with .txt captions, WebDataset tars, Parquet files, or one table), a tar, or a CSV, TSV,
JSONL or Parquet table; STORE is a folder with img_emb/ and text_emb/ in clip-retrieval's layout, ours or anybody's,
or DataComp's metadata (X.parquet beside X.npz).

options of embed, select, evaluate, explain and cut
  --model FOLDER|NAME        CLIP in the layout of the hub's ONNX exports, or OWNER/NAME of one that was pulled
                             (default: the embedded icon-clip)
  --store FOLDER             where embeddings are kept, of any number of datasets, and subsets where the dataset's folder
                             cannot be written to (default: .clipcov in the dataset's folder)
  --embeddings l14|b32       of DataComp's metadata: whose embeddings to take (default: l14)
  --device D                 ${DEVICES.join(', ')} (default: auto)
  --memory GIB               memory that a selection keeps to, whatever the size of the store (default: 2)
  --allow-root FOLDER        images may lie here too; may be repeated
  --json                     one JSON object on standard output
options of embed, select, sweep, report and cluster
  --image-column NAME --caption-column NAME
                             of a table whose columns are not called as usual; kept with the dataset until others are given
options of select
  --method M                 ${wrapped(METHODS)} (default: clipcov),
                             or steps: 'neg-clip-loss:30% | norm-sim:20%', 'ood:95% | near-duplicates | clipcov',
                             'clip-score:30% & norm-sim:30% | clipcov'; shares are of all valid pairs
  --target F.npy             of norm-sim: image embeddings of a target set; --norm 2 or inf (default: 2)
  --early STORE              of c-rho: the same pairs by an early model
  --include FILE             ids, one a line, that are picked first
  --exclude FILE             ids that are not picked
  --exclude-findings A,B     pairs of these findings of 'clipcov report' are not picked
  --holdout P%|FILE          pairs kept out of selection, by the seed or by a file of ids: evaluation tries them
  --class-quota N|P%         at most so many picks of a class
  --classes FILE             class names, one a line, or imagenet-1k (default: the model's own)
  --class-embeddings F.npy   class embeddings, [classes, d]
  --kmeans K                 K latent classes by k-means (default where there are no names: √(pairs/2), at most 1000)
  --weights 'NAME=X,…'       cross=1, self=2, label=0.5, inter=1, redundancy=1, balance=0
  --near-duplicates EPSILON  leave out pairs of a class whose images' cosine is above 1 − EPSILON, best-scored stays
  --seed N                   of random, k-means and samples (default: 0)
  --evaluate                 evaluate the subset too
  --out NAME|PATH            of the subset (default: subsets/<method>-<budget> in the source's folder, with a number
                             behind it where a subset of that name was selected otherwise)
options of report: --finding NAME (lists its pairs), --out FILE.html|.md|.csv|.json (may be repeated), --near-duplicates
                             EPSILON (default: 0.05), and --classes, --class-embeddings, --kmeans, --seed of select
options of sweep: --budgets, --methods, --seeds N (default: 3), --on SET (may be repeated), --out FILE.html|.md|.csv|.json (may be repeated), and those of select that say what picks depend on
options of cluster, with those of select (docs/scale.md)
  --shards N                 tasks that embed, each a part of the dataset
  --partition P --account A --qos Q --time T --job-memory M --cpus N --gres gpu:1 --concurrent N --retries N
  --module M --container 'apptainer exec --nv FILE'
                             what to ask of Slurm, for all runs: .clipcov/cluster.json
  --pairs N --rate R         of plan: pairs, and pairs a second of one task, where nothing was measured yet
  --shard N --stage S        of logs: of one shard or stage
  --skip-shard N             of resume: leave out shards that always fail
  --yes                      submit without asking; scripts are shown before the first time and when they have changed
  --agree SHA256             submit without asking those scripts alone that have this hash; --json tells it
options of models
  --revision R               of pull: branch, tag or commit (default: main; or NAME@R)
  --variant V                of pull: ${MODEL_VARIANTS.join(' or ')} instead of the full graphs (or NAME:V)
  --yes                      of pull, and of cuda: download without asking; needed where nobody can be asked
  --offline                  of pull: the cache alone, as with HF_HUB_OFFLINE=1
  --device D                 of check
  --compare V                of check: ${MODEL_VARIANTS.join(' or ')} beside the full graphs: do they embed alike?
  HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_CACHE mean what they mean to Hugging Face's own tools
options of align
  --rank R                   canonical directions to keep (default: 128)
  --ridge X                  added to both covariances, as a share of their variance (default: 0.001)
options of export, with --store and --allow-root as above
  --format F                 ${wrapped(EXPORT_FORMATS)}

Progress goes to standard error. Exit codes: ${EXIT.ok} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.cancelled} cancelled.
`;
