// Rows 29 and 30: what is big, and what moves.
import { afterwards, rejects, resolves } from '../judge.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const big = 100_000_000;
/** Copying that much twice takes its time. */
const bigMs = 7000;

const payload: Row = {
  number: 29,
  fault: 'a payload of 100 MB',
  owed: 'works; or a limit says so',
  probes: [
    {
      name: 'argument',
      run: async (scene) => {
        const ending = await scene.call('size', new Uint8Array(big)).ending(bigMs);
        scene.findings.push(...resolves(ending, (value) => value === big));
        await afterwards(scene);
      },
    },
    {
      name: 'result',
      run: async (scene) => {
        const ending = await scene.call('make', big).ending(bigMs);
        scene.findings.push(...resolves(ending, (value) => (value as Uint8Array | undefined)?.byteLength === big));
        await afterwards(scene);
      },
    },
  ],
};

async function transfer(scene: Scene, buffer: ArrayBuffer, list: ArrayBuffer[]): Promise<void> {
  scene.findings.push(...rejects(await scene.call('echo', buffer, { transfer: list }).ending()));
}

const badTransfers: Row = {
  number: 30,
  fault: "a transfer of a detached buffer, of one buffer twice, of Node's pool of small Buffers",
  owed: 'rejects at the caller, and nothing is detached',
  probes: [
    {
      name: 'detached',
      run: async (scene) => {
        const buffer = new ArrayBuffer(8);
        structuredClone(buffer, { transfer: [buffer] });
        await transfer(scene, buffer, [buffer]);
        await afterwards(scene);
      },
    },
    {
      name: 'duplicate',
      run: async (scene) => {
        const buffer = new ArrayBuffer(8);
        await transfer(scene, buffer, [buffer, buffer]);
        if (buffer.byteLength === 0) scene.find('wrong result', 'the buffer is gone');
        await afterwards(scene);
      },
    },
    {
      name: 'pooled',
      run: async (scene) => {
        const small = Buffer.from('small');
        const other = Buffer.from('another of the pool');
        const pool = small.buffer;
        const ending = await scene.call('echo', pool, { transfer: [pool] }).ending();
        if (ending.is === 'resolved') scene.find('ok', 'copied instead of moved');
        else scene.findings.push(...rejects(ending));
        if (other.toString() !== 'another of the pool')
          scene.find('hurts a neighbour', 'other Buffers of the pool are gone');
        await afterwards(scene);
      },
    },
  ],
};

export const transferRows: readonly Row[] = [payload, badTransfers];
