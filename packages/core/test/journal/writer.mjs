/** One of several that use a journal at once: `node writer.mjs DIRECTORY NAME ROUNDS`, or `forgets` instead of a number. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { recordKernel } from '../../dist/journal/index.js';
import { startTimeOf } from '../../dist/process/index.js';

const [directory, name, rounds] = process.argv.slice(2);
const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
const kernel = {
  id: name,
  pid: child.pid,
  startTime: startTimeOf(child.pid),
  spec: 'test',
  displayName: `of ${process.pid}`,
  program: 'sleep',
  connectionFile: '/none',
  runDir: null,
  cwd: '/',
  startedAt: new Date().toISOString(),
};
if (rounds === 'forgets') {
  const { file } = await recordKernel(kernel, { directory });
  child.kill();
  process.stdout.write(`${file}\n`);
  setInterval(() => {}, 1000);
} else {
  // All of them remove the directory whenever it is empty, and each comes between the others' making it and writing to it.
  for (let round = 0; round < Number(rounds); round++) {
    const record = await recordKernel(kernel, { directory });
    if (!existsSync(record.file)) process.exitCode = 1;
    await record.remove();
    if (existsSync(record.file)) process.exitCode = 1;
  }
  child.kill();
}
