import { Message } from 'vscode-jsonrpc/node';

/** Far above what any message of the contract needs, far below what could exhaust a stack. */
const MAX_DEPTH = 32;

/** The message in a frame, or why it is none. What passes cannot make the JSON-RPC layer throw. */
export function parseMessage(text: string): Message | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not one JSON-RPC message';
  if (!isShallow(value, MAX_DEPTH)) return 'nested too deeply';
  return isMessage(value) ? value : 'not a JSON-RPC 2.0 message';
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

function isMessage(value: object): value is Message {
  const message = value as Message & { method?: unknown; params?: unknown };
  if (message.jsonrpc !== '2.0' || typeof (message.params ?? {}) !== 'object') return false;
  // The layer reads `params.id` of a cancellation unchecked.
  if (message.method === '$/cancelRequest') return isCancellation(message);
  return Message.isRequest(message) || Message.isNotification(message) || Message.isResponse(message);
}

function isCancellation(message: Message & { params?: unknown }): boolean {
  const id = (message.params as { id?: unknown } | null | undefined)?.id;
  return Message.isNotification(message) && (typeof id === 'number' || typeof id === 'string');
}
