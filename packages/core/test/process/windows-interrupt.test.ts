import { expect, test } from 'vitest';
import { InterruptEvents } from '../../src/process/windows-interrupt.js';
import { WINDOWS_INTERRUPT_PROGRAM } from '../../src/process/windows-interrupt-program.js';

// There is no Windows here: what is tested is our end of the talk, with a stand-in for the helper.

/** `said` is what it answers, a line for each that it reads; it begins with `ok ready`. */
const standIn = (program: string) => [process.execPath, '-e', program, '--'];

const GOOD = `
let next = 100; const open = new Map();
console.log('ok ready');
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, handle] = line.split(' ');
  if (verb === 'new') { open.set(String(++next), 0); console.log('ok ' + next); }
  else if (!open.has(handle)) console.log('error no such handle ' + handle);
  else if (verb === 'set') { open.set(handle, open.get(handle) + 1); console.log('ok'); }
  else { open.delete(handle); console.log('ok'); }
});`;

test('events are made, set and closed; one helper for all; it ends with the last', async () => {
  const events = new InterruptEvents(standIn(GOOD));
  const [one, two] = await Promise.all([events.make(), events.make()]);
  expect([one.handle, two.handle]).toEqual(['101', '102']);
  await Promise.all([one.set(), two.set(), one.set()]);
  await one.close();
  await one.close();
  await expect(one.set()).rejects.toMatchObject({
    kind: 'interrupt-event',
    message: expect.stringContaining('no such handle 101'),
  });
  await two.set();
  await two.close();
  // a new one, with a count of its own
  const three = await events.make();
  expect(three.handle).toBe('101');
  await three.close();
});

test.each([
  ['is not there', ['/no/such/powershell.exe']],
  ['ends at once', standIn('process.exit(3)')],
  [
    'cannot do it',
    standIn("console.log('ok ready'); process.stdin.on('data', () => console.log('error Access is denied'))"),
  ],
  ['ends in between', standIn("console.log('ok ready'); process.stdin.on('data', () => process.exit(1))")],
])('a helper that %s is a typed error', async (_what, argv) => {
  const events = new InterruptEvents(argv);
  await expect(events.make()).rejects.toMatchObject({ kind: 'interrupt-event' });
});

test('the helper’s program has nothing that a command line could not carry', () => {
  expect(WINDOWS_INTERRUPT_PROGRAM).not.toMatch(/[^\x20-\x7e\n]/);
  // CreateProcess takes 32,767 characters
  expect(WINDOWS_INTERRUPT_PROGRAM.length).toBeLessThan(8000);
});
