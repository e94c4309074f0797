/**
 * A job queue within a process that survives it: workers wait for jobs, retry what failed, and a job that was running when
 * the process was killed is run again. `durability: 'everysec'`, the default, loses no job to a kill.
 */
import { type Database, open } from '@ferrite/lite';

interface Job {
  id: number;
  task: string;
  attempts: number;
}

const ATTEMPTS_MAX = 3;

const db = open<Job>({ path: './jobs', codec: 'json' });

function enqueue(task: string, delayMs = 0): void {
  const job = { id: db.incrBy('jobs:last'), task, attempts: 0 };
  if (delayMs === 0) db.rpush('jobs:waiting', job);
  else db.zadd('jobs:later', [[job, Date.now() + delayMs]]);
}

/** Jobs whose time has come. */
function release(): void {
  for (const job of db.zrange('jobs:later', { by: 'score', lte: Date.now() })) {
    // In this order: if the process is killed in between, the job is run twice rather than never.
    db.rpush('jobs:waiting', job);
    db.zrem('jobs:later', job);
  }
}

/** What a process that was killed had in hand. */
function recover(): number {
  let count = 0;
  while (db.lmove('jobs:running', 'jobs:waiting', 'right', 'left') !== undefined) count++;
  return count;
}

/** Takes jobs until none comes for a while. A job that is taken stays in `jobs:running` until it is done. */
async function work(queue: Database<Job>, name: string, run: (job: Job) => Promise<void>): Promise<void> {
  for (;;) {
    const job = await queue.blmove('jobs:waiting', 'jobs:running', 'left', 'right', { timeoutMs: 300 });
    if (job === undefined) return;
    try {
      await run(job);
      console.log(`${name}: ${job.task} done`);
    } catch (error) {
      const again = { ...job, attempts: job.attempts + 1 };
      queue.rpush(again.attempts < ATTEMPTS_MAX ? 'jobs:waiting' : 'jobs:failed', again);
      console.log(`${name}: ${job.task} failed, ${(error as Error).message}`);
    }
    queue.lrem('jobs:running', 1, job);
  }
}

// A process before this one was killed while it ran a job.
db.rpush('jobs:running', { id: db.incrBy('jobs:last'), task: 'send the invoice', attempts: 0 });
console.log(`${recover()} job recovered`);

enqueue('resize the picture');
enqueue('print on paper');
enqueue('remind the customer', 100);
const releasing = setInterval(release, 20);

await work(db, 'worker', async ({ task }) => {
  if (task === 'print on paper') throw new Error('no paper');
});
clearInterval(releasing);

console.log('failed:', db.lrange('jobs:failed'));
console.log(`${db.llen('jobs:waiting') + db.llen('jobs:running')} jobs left`);
db.close();
