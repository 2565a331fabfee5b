#!/usr/bin/env node
/**
 * A kernel that does wrong on purpose, for the tests: `node faulty-kernel.mjs CONNECTION_FILE [START]`.
 *
 * START is JSON: what goes wrong at the start.
 *   {"exit": 3, "stderr": "…"}   ends at once, with that status, after writing that
 *   {"garbage": "text"}          listens, but what it speaks on its sockets is not ZMTP
 *   {"silent": true}             binds its sockets, answers nothing
 *   {"mute": true}               answers, but its iopub never says anything
 *   {"badFirst": true}           its first answer carries a wrong signature
 *   {"deaf": true}               ignores shutdown_request, SIGTERM and SIGINT
 *   {"old": true}                speaks protocol 4.1
 *   {"child": true}              starts a child of its own that would outlive it
 *   {"dies": "file"}             ends at once if that file exists, and makes it
 *   {"taken": true}              says that its address is in use, unless the file named by "once" exists
 *
 * The code of an execute_request is JSON: a list of steps, each a list: see `steps` below. No code is no step but the answer.
 */
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Reply, Router, XPublisher } from '@kernelkit/zmtp';

const [file, startJson = '{}'] = process.argv.slice(2);
const start = JSON.parse(startJson);
if (start.taken && !existsSync(start.once)) {
  writeFileSync(start.once, '');
  process.stderr.write('zmq.error.ZMQError: Address already in use\n');
  process.exit(1);
}
if (start.dies !== undefined) {
  if (existsSync(start.dies)) process.exit(9);
  writeFileSync(start.dies, '');
}
if (start.exit !== undefined) {
  // Not before it is written: a pipe takes 64 KiB at a time.
  await new Promise((resolve) => process.stderr.write(start.stderr ?? '', resolve));
  process.exit(start.exit);
}
if (start.deaf) for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {});
if (start.child) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

const info = JSON.parse(readFileSync(file, 'utf8'));
const address = (port) => (info.transport === 'ipc' ? `${info.ip}-${port}` : { port, host: info.ip });
const endpoint = (port) => (info.transport === 'ipc' ? `ipc://${info.ip}-${port}` : `tcp://${info.ip}:${port}`);
const ports = [info.shell_port, info.control_port, info.stdin_port, info.iopub_port, info.hb_port];

if (start.garbage !== undefined) {
  for (const port of ports) {
    createServer((socket) => socket.on('error', () => {}).write(start.garbage)).listen(address(port));
  }
} else {
  await serve();
}

async function serve() {
  const shell = new Router();
  const control = new Router();
  const stdin = new Router();
  const iopub = new XPublisher();
  const hb = new Reply();
  hb.onRequest = (frames) => frames;
  const session = randomUUID();
  let executionCount = 0;
  let first = true;
  let answered = null;

  const sign = (parts) => {
    const hmac = createHmac('sha256', info.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  };
  const frames = (type, parent, content, { signature, raw } = {}) => {
    const header = {
      msg_id: randomUUID(),
      session,
      username: 'faulty',
      date: new Date().toISOString(),
      msg_type: type,
      version: start.old ? '4.1' : '5.3',
    };
    const parts = [header, parent, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
    if (raw !== undefined) parts[3] = Buffer.from(raw);
    return ['<IDS|MSG>', signature ?? sign(parts), ...parts];
  };
  const publish = (type, parent, content, options) =>
    start.mute || iopub.send([`kernel.${type}`, ...frames(type, parent, content, options)]);
  const status = (state, parent) => publish('status', parent, { execution_state: state });

  const stepsOf = (code) => (code === '' ? [['reply'], ['idle']] : JSON.parse(code));
  const steps = {
    stream: (text, { parent }) => publish('stream', parent, { name: 'stdout', text }),
    result: (text, { parent }) =>
      publish('execute_result', parent, {
        data: { 'text/plain': text },
        metadata: {},
        execution_count: executionCount,
      }),
    display: (data, { parent }) => publish('display_data', parent, data),
    publish: ([type, content], { parent }) => publish(type, parent, content),
    'bad-signature': (text, { parent }) =>
      publish('stream', parent, { name: 'stdout', text }, { signature: '0'.repeat(64) }),
    'no-signature': (text, { parent }) => publish('stream', parent, { name: 'stdout', text }, { signature: '' }),
    'bad-json': (_, { parent }) => publish('stream', parent, {}, { raw: '{"name": "stdout", "text": ' }),
    'no-delimiter': () => iopub.send(['just', 'some', 'frames']),
    empty: () => iopub.send(['']),
    flood: (count, { parent }) => {
      for (let i = 0; i < count; i++) publish('stream', parent, { name: 'stdout', text: `${i}\n` });
    },
    reply: (status, { identity, parent }) =>
      shell.send([
        identity,
        ...frames('execute_reply', parent, {
          status: status ?? 'ok',
          execution_count: executionCount,
          ename: 'E',
          evalue: 'v',
          traceback: [],
        }),
      ]),
    idle: (_, { parent }) => status('idle', parent),
    input: async (prompt, { identity, parent }) => {
      const answer = new Promise((resolve) => {
        answered = resolve;
      });
      await stdin.send([identity, ...frames('input_request', parent, { prompt, password: false })]);
      publish('stream', parent, { name: 'stdout', text: `answer: ${await answer}` });
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stderr: (text) => process.stderr.write(text),
    exit: (code) => process.exit(code),
    kill: (signal) => process.kill(process.pid, signal),
  };

  const handle = async (socket, [identity, ...rest]) => {
    const at = rest.findIndex((frame) => Buffer.from(frame).toString() === '<IDS|MSG>');
    const [header, , , content] = rest.slice(at + 2, at + 6).map((frame) => JSON.parse(Buffer.from(frame).toString()));
    if (start.silent) return;
    const parent = header;
    const answer = (type, body) =>
      socket.send([
        identity,
        ...frames(type, parent, body, start.badFirst && first ? { signature: 'f'.repeat(64) } : {}),
      ]);
    status('busy', parent);
    switch (header.msg_type) {
      case 'kernel_info_request': {
        const modern = {
          protocol_version: '5.3',
          implementation: 'faulty',
          implementation_version: '1',
          language_info: { name: 'steps', version: '1', mimetype: 'application/json', file_extension: '.json' },
          banner: '',
          help_links: [],
        };
        const old = { protocol_version: [4, 1], language_version: [1, 0], language: 'steps' };
        await answer('kernel_info_reply', start.old ? old : modern);
        first = false;
        break;
      }
      case 'execute_request': {
        executionCount++;
        for (const [name, argument] of stepsOf(content.code)) await steps[name](argument, { identity, parent });
        return;
      }
      case 'shutdown_request':
        if (start.deaf) return;
        await answer('shutdown_reply', { status: 'ok', restart: content.restart });
        status('idle', parent);
        await Promise.all([shell, control, stdin, iopub, hb].map((s) => s.close()));
        process.exit(0);
        break;
      case 'interrupt_request':
        await answer('interrupt_reply', { status: 'ok' });
        break;
    }
    status('idle', parent);
  };
  // One request after the other, as a real shell channel handles them.
  let queue = Promise.resolve();
  shell.onMessage = (message) => {
    queue = queue.then(() => handle(shell, message));
  };
  control.onMessage = (message) => void handle(control, message);
  stdin.onMessage = (message) => {
    const content = JSON.parse(Buffer.from(message.at(-1)).toString());
    answered?.(content.value);
  };
  await Promise.all([
    shell.bind(endpoint(info.shell_port)),
    control.bind(endpoint(info.control_port)),
    stdin.bind(endpoint(info.stdin_port)),
    iopub.bind(endpoint(info.iopub_port)),
    hb.bind(endpoint(info.hb_port)),
  ]);
}
