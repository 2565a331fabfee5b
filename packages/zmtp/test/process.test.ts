import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshPath } from './helpers.js';

// What only a process of its own can show: that it ends by itself, and what an exception does to it.

const library = `${freshPath()}.mjs`;
beforeAll(() => {
  buildSync({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    outfile: library,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
});
afterAll(() => rmSync(library, { force: true }));

function run(body: string): Promise<{ status: number | null; signal: string | null; out: string }> {
  const script = `${freshPath()}.mjs`;
  writeFileSync(script, `import * as z from ${JSON.stringify(library)};\nimport fs from 'node:fs';\n${body}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (out += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, out });
    });
  });
}

describe('a process', () => {
  it('ends by itself once its sockets are closed: no timer, socket or file is left', async () => {
    const path = freshPath();
    const result = await run(`
      const fds = () => fs.readdirSync('/proc/self/fd').length;
      const all = async () => {
        const router = new z.Router(), pub = new z.XPublisher(), rep = new z.Reply();
        rep.onRequest = (f) => f;
        const subscribed = new Promise((r) => { pub.onSubscription = r; });
        const dealer = new z.Dealer({ heartbeat: { interval: 5, timeout: 1000 } });
        const sub = new z.Subscriber(), req = new z.Request(), lonely = new z.Dealer({ linger: 0 }), file = new z.Router();
        await file.bind('ipc://${path}');
        dealer.connect(await router.bind('tcp://127.0.0.1:0'));
        sub.subscribe(); sub.connect(await pub.bind('tcp://127.0.0.1:0'));
        req.connect(await rep.bind('tcp://127.0.0.1:0'));
        lonely.connect('ipc://${path}-nobody'); await lonely.send(['unsent']);
        await Promise.all([dealer.ready(), subscribed, req.request(['x'])]);
        await dealer.send(['x']); await router.receive();
        await Promise.all([router, pub, rep, dealer, sub, req, lonely, file].map((s) => s.close()));
      };
      await all();
      const before = fds();
      for (let i = 0; i < 30; i++) await all();
      await new Promise((r) => setImmediate(r));
      console.log(JSON.stringify({ grown: fds() - before, left: fs.existsSync('${path}') }));
    `);
    expect(result).toMatchObject({ status: 0, signal: null });
    expect(JSON.parse(result.out)).toEqual({ grown: 0, left: false });
  });

  it('that closes with an unsent message ends after the linger', async () => {
    const result = await run(`
      const dealer = new z.Dealer({ linger: 100 });
      dealer.connect('ipc://${freshPath()}');
      await dealer.send(['never']);
      await dealer.close();
      console.log('closed');
    `);
    expect(result).toEqual({ status: 0, signal: null, out: 'closed\n' });
  });

  it('gets the exceptions of listeners, and loses no message by them', async () => {
    const result = await run(`
      let thrown = 0;
      process.on('uncaughtException', (e) => { if (e.message === 'mine') thrown++; else { console.log(e); process.exit(9); } });
      const pub = new z.XPublisher(), sub = new z.Subscriber();
      const subscribed = new Promise((r) => { pub.onSubscription = r; });
      sub.on('handshake', () => { throw new Error('mine'); });
      let got = 0;
      const all = new Promise((r) => {
        sub.onMessage = ([n, body]) => {
          if (Number(String(n)) !== got || body.length !== (got * 37) % 40000) { console.log('wrong at', got); process.exit(8); }
          if (++got === 2000) r();
          if (got % 3 === 0) throw new Error('mine');
        };
      });
      sub.subscribe(); sub.connect(await pub.bind('tcp://127.0.0.1:0'));
      await subscribed;
      for (let i = 0; i < 2000; i++) pub.send([String(i), Buffer.alloc((i * 37) % 40000)]);
      await all;
      await sub.close(); await pub.close();
      console.log(JSON.stringify({ got, thrown }));
    `);
    expect(result).toMatchObject({ status: 0, signal: null });
    expect(JSON.parse(result.out)).toEqual({ got: 2000, thrown: 666 + 1 });
  });

  it('that crashes leaves a socket file which the next one replaces', async () => {
    const path = freshPath();
    const body = `const r = new z.Router(); await r.bind('ipc://${path}'); process.stdout.write('bound\\n');`;
    const crashed = await run(`${body} process.kill(process.pid, 'SIGKILL');`);
    expect(crashed).toMatchObject({ signal: 'SIGKILL', out: 'bound\n' });
    expect(existsSync(path)).toBe(true);
    expect(await run(`${body} await r.close();`)).toEqual({ status: 0, signal: null, out: 'bound\n' });
    expect(existsSync(path)).toBe(false);
  });

  it('may have its SUB in a worker thread', async () => {
    const result = await run(`
      import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
      const pub = new z.XPublisher({ sendBufferLimit: 1 << 20 });
      let dropped = 0;
      pub.on('overflow', (o) => { dropped += o.messages; });
      const endpoint = await pub.bind('ipc://${freshPath()}');
      const subscribed = new Promise((r) => { pub.onSubscription = r; });
      const worker = new Worker(\`
        import(\${JSON.stringify(${JSON.stringify(library)})}).then(async (z) => {
          const { parentPort, workerData } = await import('node:worker_threads');
          const sub = new z.Subscriber();
          let bytes = 0, count = 0;
          sub.onMessage = (frames) => {
            bytes += frames[1].length;
            if (++count === 5000) { parentPort.postMessage(bytes); void sub.close(); }
          };
          sub.subscribe(); sub.connect(workerData);
        });
      \`, { eval: true, workerData: endpoint });
      const done = new Promise((r) => worker.on('message', r));
      await subscribed;
      for (let i = 0; i < 5000; i++) {
        pub.send([String(i), Buffer.alloc(2000)]);
        if (i % 20 === 0) await new Promise((r) => setTimeout(r, 1));
      }
      console.log(JSON.stringify({ bytes: await done, dropped }));
      await pub.close();
    `);
    expect(result).toMatchObject({ status: 0, signal: null });
    expect(JSON.parse(result.out)).toEqual({ bytes: 10_000_000, dropped: 0 });
  });
});
