import type { Code, Facts, Row } from './row.js';

const python: Code = {
  print: (text) => `print("${text}")`,
  sum: ['6 * 7', '42'],
  fail: '1 / 0',
  loop: 'import time\nprint("looping", flush=True)\nwhile True: time.sleep(0.01)',
  define: 'kept = 1',
  use: 'kept',
  complete: { before: 'import os', code: 'os.getc', match: 'getcwd' },
  inspect: { before: 'import os', code: 'os.getcwd', text: 'current working directory' },
  ask: 'print("hello", input("name? "))',
  display: 'class Bold:\n    def _repr_html_(self): return "<b>hi</b>"\ndisplay(Bold())',
  flood: 'print(("x" * 99_999 + "x\\n") * 100, end="")',
};

const ipykernel: Facts = {
  firstCount: 1,
  silentCounts: false,
  errors: 'error',
  ipc: true,
  zeroPorts: true,
  sigint: 'interrupts',
  interruptRequest: 'interrupts',
  interrupt: 'signal',
  interrupted: 'error',
  interruptKeeps: true,
  stdin: true,
  stdinRefused: 'error',
  complete: true,
  inspect: true,
  display: true,
  result: 'execute_result',
  executeInput: true,
  isComplete: 'complete',
  tenMegabytes: true,
  shutdown: 'asked',
};

const xpython: Facts = {
  ...ipykernel,
  zeroPorts: false,
  // xeus-python 0.14: testbed.md, quirk 2
  sigint: 'ends',
  interruptRequest: 'ignored',
  interrupt: 'refused',
  interrupted: null,
  interruptKeeps: null,
};

export const pythonRows: readonly Row[] = [
  { name: 'ipykernel', title: 'ipykernel, newest', code: python, facts: ipykernel },
  { name: 'ipykernel6', title: 'ipykernel 6.17', code: python, facts: ipykernel },
  { name: 'xpython', title: 'xeus-python', code: python, facts: xpython, shortPaths: true },
  {
    name: 'xpython-raw',
    title: 'xeus-python, raw',
    code: python,
    facts: xpython,
    shortPaths: true,
  },
];
