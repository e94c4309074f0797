/** The workloads in the order in which they run and are reported: one file per question, the same for every engine. */
export const workloads = {
  'get-uniform': () => import('./get-uniform.mjs'),
  'get-zipf': () => import('./get-zipf.mjs'),
  'get-many': () => import('./get-many.mjs'),
  'put-single': () => import('./put-single.mjs'),
  'put-batch': () => import('./put-batch.mjs'),
  'put-durable': () => import('./put-durable.mjs'),
  memory: () => import('./memory.mjs'),
  'get-cold': () => import('./get-cold.mjs'),
  'reopen-clean': () => import('./reopen-clean.mjs'),
  'reopen-killed': () => import('./reopen-killed.mjs'),
  mixed: () => import('./mixed.mjs'),
  'overwrite-uniform': () => import('./overwrite-uniform.mjs'),
  'overwrite-zipf': () => import('./overwrite-zipf.mjs'),
  scan: () => import('./scan.mjs'),
  startup: () => import('./startup.mjs'),
};
