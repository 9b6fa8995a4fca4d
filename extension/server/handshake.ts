/** The one line that the server writes to its standard output once it listens. */
export interface Handshake {
  port: number;
  token: string;
  protocol: number;
}

/** The handshake in a line, or null where the line is something else. */
export function parseHandshake(line: string): Handshake | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { port, token, protocol } = value as Record<string, unknown>;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  if (typeof token !== 'string' || !/^[0-9a-f]{64}$/.test(token)) return null;
  return typeof protocol === 'number' ? { port, token, protocol } : null;
}
