/** Stands in for the native part of VS Code that ends an extension host whose server has gone. */
export function start(server: number): void {
  const watch = setInterval(() => {
    try {
      process.kill(server, 0);
    } catch {
      process.exit(0);
    }
  }, 1_000);
  watch.unref();
}

export function exit(code?: number): void {
  process.exit(code ?? 0);
}
