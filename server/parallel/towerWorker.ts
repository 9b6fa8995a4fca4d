import { parentPort, workerData } from 'node:worker_threads';
import { openTowers, type Towers } from '../embeddings/encoder.js';
import { serveTasks } from './taskPool.js';
import type { TowerSetup, TowerTask } from './towerThread.js';

if (!parentPort) throw new Error('This script runs as the thread of a model only.');
const { model, device } = workerData as TowerSetup;
let towers: Towers | null = null;

async function perform(task: TowerTask): Promise<Float32Array> {
  towers ??= await openTowers(model, device);
  switch (task.kind) {
    case 'open':
      return new Float32Array();
    case 'images':
      return towers.images(task.pixels);
    case 'texts':
      return towers.texts(task.tokens);
  }
}

serveTasks(parentPort, perform, async () => towers?.release());
