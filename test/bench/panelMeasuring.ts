/** Runs in the page: when the first pair was drawn, and how long frames take. */
export function measuring(): void {
  const path = ['clipcov-app', 'clipcov-subset', 'clipcov-pairs', 'clipcov-pair-list'];
  const { tellHost } = window as unknown as { tellHost(message: string): void };
  const look = (): void => {
    let root: ParentNode | null | undefined = document;
    for (const name of path) root = root?.querySelector(name)?.shadowRoot;
    // The frame that follows comes once the one with the pairs is painted.
    if (root?.querySelector('.caption'))
      requestAnimationFrame(() => tellHost(JSON.stringify({ type: 'drawn', after: performance.now() })));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  let on = false;
  let before = 0;
  let work: number[] = [];
  let gaps: number[] = [];
  const channel = new MessageChannel();
  let began = 0;
  // Comes after the frame's own style, layout and paint; events of the frame come before its callbacks.
  channel.port1.onmessage = () => work.push(performance.now() - began);
  const frame = (time: number): void => {
    if (!on) return;
    if (before > 0) gaps.push(time - before);
    before = time;
    began = time;
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  };
  Object.assign(window, {
    measureFrames: () => {
      on = true;
      before = 0;
      work = [];
      gaps = [];
      requestAnimationFrame(frame);
    },
    framesMeasured: () => {
      on = false;
      return { work, gaps };
    },
  });
}
