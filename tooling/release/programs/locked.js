/** Opens a store that a server has: it must be refused. Copied into a project that has the packages installed. */
import { open } from '@ferrite/lite';

try {
  open({ path: 'served' }).close();
  console.log('opened');
} catch (error) {
  console.log(error.code === 'FERRITE_LOCKED' ? 'ok' : String(error));
}
