/**
 * One phase of one workload with one engine, in a process of its own. `run.mjs` starts it with the job as its only
 * argument and receives one message: the metrics, or the error. A phase may ask to end by SIGKILL.
 */
import { connect, engines, preload } from './engines/index.mjs';
import { workloads } from './workloads/index.mjs';

const job = JSON.parse(process.argv[2]);

try {
  const { phases } = await workloads[job.workload]();
  await preload(job.engine);
  const { endWith, ...metrics } = await phases[job.phase](sessionOf(job));
  report({ metrics }, endWith);
} catch (error) {
  report({ error: error?.stack ?? String(error) });
}

function sessionOf({ engine, path, sizes, seed }) {
  let opener = null;
  return {
    path,
    sizes,
    seed,
    isVolatile: engines[engine].isVolatile === true,
    connect: () => connect(engine),
    open: async (storePath) => {
      opener ??= await connect(engine);
      return opener(storePath);
    },
  };
}

function report(message, endWith) {
  process.send(message, () => {
    if (endWith === undefined) process.exit(message.error === undefined ? 0 : 1);
    process.kill(process.pid, endWith);
  });
}
