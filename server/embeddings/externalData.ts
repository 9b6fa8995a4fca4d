import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClipcovError } from '../errors.js';
import { HEAD_BYTES, headOf } from './protobuf.js';

/** Where ONNX's messages hold tensors: by message, the fields that lead on. */
const WAYS: Record<string, Record<number, string>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
};
const [ENTRY_KEY, ENTRY_VALUE] = [1, 2];
/** A name longer than this is none. */
const LONGEST_NAME = 4096;

/**
 * The files beside a graph that hold its weights, sorted: those that the graph itself names. One that lies outside the
 * graph's folder, or is not there, is refused. Weights inside the graph are passed over without being read.
 *
 * The name decides and not where a link leads: in the cache of the hub every file is a link.
 */
export function externalData(model: string): string[] {
  const names = [...new Set(locationsIn(model))].sort();
  return names.map((name) => {
    if (climbs(name))
      throw new ClipcovError(
        'model-unsafe',
        `The model names weights outside its own folder ('${name}'), which are not read.`,
        { where: model, fix: 'Export the model again with its weights beside the graph.' },
      );
    const file = join(dirname(model), name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new ClipcovError(
        'model-incomplete',
        `The model keeps weights in a file that is missing: '${name}'.`,
        { where: file, fix: 'Fetch or export the model again, with all files beside the graph.' },
      );
    return file;
  });
}

function climbs(name: string): boolean {
  return name === '' || /^([\\/]|[A-Za-z]:)/.test(name) || name.split(/[\\/]/).includes('..');
}

/** What a graph names as places of its weights. A file that is no graph names none: the runtime refuses it. */
function locationsIn(model: string): string[] {
  const descriptor = openSync(model, 'r');
  try {
    const found: string[] = [];
    const file = new Window(descriptor);
    const walk = (kind: string, start: number, end: number): void => {
      let key = '';
      let value = '';
      for (const field of file.fields(start, end)) {
        const next = WAYS[kind]?.[field.number];
        if (next !== undefined) walk(next, field.body, field.end);
        else if (kind === 'entry' && field.number === ENTRY_KEY) key = file.text(field.body, field.end);
        else if (kind === 'entry' && field.number === ENTRY_VALUE) value = file.text(field.body, field.end);
      }
      if (key === 'location') found.push(value);
    };
    walk('model', 0, fstatSync(descriptor).size);
    return found;
  } catch (error) {
    if (error instanceof ClipcovError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    return [];
  } finally {
    closeSync(descriptor);
  }
}

/** A file of up to gigabytes, of which small pieces that lie close together are read. */
class Window {
  private readonly buffer = Buffer.alloc(64 * 1024);
  private start = 0;
  private filled = 0;

  constructor(private readonly descriptor: number) {}

  *fields(start: number, end: number): Generator<{ number: number; body: number; end: number }> {
    for (let at = start; at < end;) {
      const head = headOf(this.read(at, Math.min(end, at + HEAD_BYTES)), 0);
      const field = { number: head.number, body: at + head.body, end: at + head.end };
      if (field.end > end) throw new Error('the message is cut short');
      yield field;
      at = field.end;
    }
  }

  text(start: number, end: number): string {
    if (end - start > LONGEST_NAME) throw new Error('the name is too long');
    return this.read(start, end).toString('utf8');
  }

  /** Valid until the next call. */
  private read(start: number, end: number): Buffer {
    if (start < this.start || end > this.start + this.filled) {
      this.filled = readSync(this.descriptor, this.buffer, 0, this.buffer.length, start);
      this.start = start;
    }
    return this.buffer.subarray(start - this.start, Math.min(this.filled, end - this.start));
  }
}
