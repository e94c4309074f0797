/** Runs a neighbour of `neighbours.mjs` in a process of its own, and hears what it says. */
import { fork } from 'node:child_process';
import { neighboursPath } from './neighbours.mjs';

const children = new Set();

export function stopNeighbours() {
  for (const child of children) child.kill('SIGKILL');
}

export class Neighbour {
  static async start(name, port, folder) {
    const neighbour = new Neighbour(fork(neighboursPath, [name, String(port), folder]));
    await neighbour.says('ready');
    return neighbour;
  }

  constructor(child) {
    this.child = child;
    this.said = [];
    this.waiting = [];
    children.add(child);
    this.ended = new Promise((resolve) => child.once('exit', resolve));
    child.on('message', (text) => {
      this.said.push(text);
      for (const look of this.waiting) look();
    });
  }

  says(word) {
    return new Promise((resolve, reject) => {
      this.ended.then(() => reject(new Error('the neighbour has ended')));
      const look = () => {
        const text = this.said.find((each) => each.startsWith(word));
        if (text !== undefined) resolve(text);
      };
      this.waiting.push(look);
      look();
    });
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
    children.delete(this.child);
  }
}
