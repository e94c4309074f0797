/** A program that serves its own database to clients, in any runtime. Copied into a project that has the packages installed. */
import { connect } from 'node:net';
import { open, serve } from '@ferrite/lite';

const db = open();
db.set('a', '1');
const served = await serve(db, { port: 0 });
check(await ask('INCR a\r\n'), ':2\r\n');
check(db.get('a'), '2');
check(await ask('*2\r\n$4\r\nECHO\r\n$0\r\n\r\nPING\r\n'), '$0\r\n\r\n+PONG\r\n');
await served.close();
db.close();
console.log('ok');

function ask(text) {
  return new Promise((resolve, reject) => {
    const socket = connect(served.port, '127.0.0.1', () => socket.end(text));
    let reply = '';
    socket.on('data', (chunk) => {
      reply += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(reply));
  });
}

function check(reply, wanted) {
  if (reply !== wanted) throw new Error(`serve: ${JSON.stringify(reply)} instead of ${JSON.stringify(wanted)}`);
}
