// Loaded before a program (`node --require`): writes how many processes it started to the file that KERNELKIT_COUNT_SPAWNS names.
const { ChildProcess } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const binding = process.binding('spawn_sync');

let count = 0;
const { spawn } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function (...args) {
  count += 1;
  return spawn.apply(this, args);
};
const { spawn: spawnSync } = binding;
binding.spawn = (...args) => {
  count += 1;
  return spawnSync(...args);
};
process.on('exit', () => writeFileSync(process.env.KERNELKIT_COUNT_SPAWNS, String(count)));
