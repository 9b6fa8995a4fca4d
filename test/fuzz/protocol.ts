import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { startProcess, type ServerProcess } from '../../extension/server/process.js';
import { PROTOCOL_VERSION, requests } from '../../server/protocol/contract.js';
import { parseMessage } from '../../server/protocol/parseMessage.js';
import { CLI } from '../server/cli.js';
import { residentMegabytes } from './memory.js';
import { Random } from './random.js';

export interface Fuzzed {
  messages: number;
  /** Connections that the server closed for what came over them. */
  closed: number;
  /** Slowest answer to a well-formed question among all that, in ms. */
  slowest: number;
  /** Resident memory of the server, in MB, after a tenth of the messages and at the end. */
  memory: [number, number];
}

const METHODS = [...Object.keys(requests), 'constructor', '__proto__', '$/progress', '$/cancelRequest', ''];
/** A well-formed question is asked after so many messages. */
const CHECK = 500;
/** Messages that are sent together, at most: fewer than a connection may leave unanswered. */
const TOGETHER = 40;

/**
 * Sends a real server messages that are wrong in every way that comes to mind, and asks it something sensible in between. A
 * server that dies, or answers nothing in a second, fails.
 */
export async function fuzzProtocol(messages: number, seed: number): Promise<Fuzzed> {
  const random = new Random(seed);
  const server = await startProcess(CLI, () => undefined);
  let dead: string | null = null;
  void server.exited.then((how) => (dead = how));
  const found: Fuzzed = { messages: 0, closed: 0, slowest: 0, memory: [0, 0] };
  try {
    let socket = await connected(server);
    while (found.messages < messages) {
      if (socket.readyState !== WebSocket.OPEN) {
        found.closed++;
        socket = await connected(server);
      }
      const before = found.messages;
      const most = Math.min(TOGETHER, messages - before, CHECK - (before % CHECK));
      // What comes behind a message that ends the connection is not looked at: so it is the last one that is sent.
      for (let ends = false; !ends && found.messages < before + most;) {
        const message = messageOf(random, ++found.messages);
        ends = typeof message !== 'string' || typeof parseMessage(message) === 'string';
        socket.send(message);
      }
      await answered(socket, found.messages);
      if (dead !== null)
        throw new Error(`the server died (${String(dead)}) after ${found.messages} messages of seed ${seed}`);
      const tenth = Math.ceil(messages / 10);
      if (before < tenth && found.messages >= tenth) found.memory[0] = residentMegabytes(server.pid);
      if (found.messages % CHECK === 0 || found.messages === messages)
        found.slowest = Math.max(found.slowest, await answerTime(server));
    }
    found.memory[1] = residentMegabytes(server.pid);
    socket.terminate();
    return found;
  } finally {
    await server.stop();
  }
}

async function connected({ handshake }: ServerProcess): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${handshake.port}/`, {
    headers: { Authorization: `Bearer ${handshake.token}` },
    perMessageDeflate: false,
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send(text({ jsonrpc: '2.0', id: 'hello', method: 'hello', params: { protocol: PROTOCOL_VERSION } }));
  return socket;
}

/** Until the server has come past a message: it answers what was asked after it, or has closed. */
async function answered(socket: WebSocket, number: number): Promise<void> {
  const mark = `"past ${number}"`;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`message ${number} was not come past in 5 s`)), 5_000);
    const done = (): void => {
      clearTimeout(timer);
      socket.off('message', listen);
      socket.off('close', done);
      resolve();
    };
    const listen = (data: Buffer): void => {
      if (data.includes(mark)) done();
    };
    socket.on('message', listen);
    socket.on('close', done);
    socket.send(
      text({ jsonrpc: '2.0', id: `past ${number}`, method: 'hello', params: { protocol: PROTOCOL_VERSION } }),
    );
  });
}

/** How long a connection of its own waits for an answer. */
async function answerTime(server: ServerProcess): Promise<number> {
  const started = performance.now();
  const socket = await connected(server);
  const [data] = (await once(socket, 'message', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
  if (!data.toString().includes('"hello"'))
    throw new Error(`the server answers ${data.toString().slice(0, 200)}`);
  socket.terminate();
  return performance.now() - started;
}

/** Mostly a message whose envelope is sound, so that what is in it is looked at. */
function messageOf(random: Random, id: number): string | Buffer {
  if (random.below(25) === 0) return text(wellFormed(random, id));
  const method = random.of(METHODS);
  const params = { params: valueOf(random, 0), progress: random.of([null, 'progress', valueOf(random, 3)]) };
  const whole = { jsonrpc: '2.0', id, method, params };
  switch (random.below(40)) {
    case 0:
      return random.mutated(Buffer.from(text(whole)));
    case 1:
      return random.mutated(Buffer.from(text(whole))).toString('latin1');
    case 2:
      return text(valueOf(random, 0));
    case 3:
      return text({ ...whole, id: valueOf(random, 3) });
    case 4:
      return text({ ...whole, params: valueOf(random, 0) });
    case 5:
      return text({ jsonrpc: '2.0', id: random.below(id), result: valueOf(random, 0) });
    case 6:
    case 7:
    case 8:
      return text({ jsonrpc: '2.0', method, params });
    case 9:
    case 10:
      return text({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: random.below(id) } });
    default:
      return text(whole);
  }
}

/** What passes validation, about what is not there. */
function wellFormed(random: Random, id: number): object {
  const subset = `/nowhere/${random.below(1e6)}.clipcov.json`;
  const [method, params] = random.of([
    ['openSubset', { subset }],
    ['page', { subset, offset: random.below(1e9), limit: 1 + random.below(500) }],
    ['pairClasses', { subset, where: { search: '%', selected: false } }],
    ['thumbnails', { subset, ids: [random.below(1e9)] }],
  ] as const);
  if (random.below(40) === 0)
    return { jsonrpc: '2.0', id, method: 'inspect', params: { params: { source: subset }, progress: null } };
  return { jsonrpc: '2.0', id, method, params: { params, progress: null } };
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'null';

const WORDS = [
  ...['', 'x', '/etc/passwd', '../../..', 'C:\\Windows', '\\\\host\\share', 'http://127.0.0.1/', 'a\0b'],
  ...['10%', 'clipcov', 'auto', '\u202e💥', 'k'.repeat(5_000), '-', 'NaN', '__proto__'],
];
const KEYS = [
  'source',
  'subset',
  'budget',
  'ids',
  'id',
  'offset',
  'limit',
  'out',
  'name',
  'model',
  'device',
  'on',
  'protocol',
  '__proto__',
  'constructor',
];

/** Anything that JSON can say, mostly shaped like parameters. No path in it is one that is there. */
function valueOf(random: Random, depth: number): unknown {
  switch (random.below(depth > 4 ? 4 : 8)) {
    case 0:
      return random.of(WORDS);
    case 1:
      return random.of([0, -1, 1.5, 2 ** 53, 1e308, -0, random.below(1000)]);
    case 2:
      return random.of([true, false, null]);
    case 3:
      return `/nowhere/${random.of(WORDS)}`;
    case 4:
      return Array.from({ length: random.below(6) }, () => valueOf(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(6) }, () => [random.of(KEYS), valueOf(random, depth + 1)]),
      );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [messages = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await fuzzProtocol(messages, seed)));
}
