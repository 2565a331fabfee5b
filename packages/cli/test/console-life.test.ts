import { writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { describeKernel, describeTool } from '../../../testing/support/index.js';
import { attach, planKernel, startPlan } from '../../core/src/index.js';
import { printed, realEntry } from '../../core/test/support.js';
import { TestTerminal } from './console-terminal.js';
import { addSpec, ensureBuilt, faultySpec, userWith } from './support.js';

beforeAll(ensureBuilt);

describeTool('tmux', () => {
  describeKernel('ipykernel', () => {
    test('a kernel that others use: what they do is shown as theirs, and it goes on without the console', async () => {
      await using user = await userWith(['ipykernel']);
      const { kernel, host } = await startPlan(planKernel(realEntry('ipykernel'), { transport: 'tcp' }));
      try {
        await kernel.execute('x = 6');
        const args = ['console', '--existing', host.launched.connectionFile];
        await using terminal = await TestTerminal.open(user, args);
        // the kernel tells where it is, and what it remembers
        await terminal.until(/In \[2\]:$/);
        await terminal.press('Up');
        await terminal.until(/In \[2\]: x = 6$/);
        await terminal.press('C-u');
        await terminal.type('x * ');
        await kernel.execute('print("from elsewhere\\nin two lines")\nx + 1');
        const theirs = [
          /│ In \[2\]: print\("from elsewhere\\nin two lines"\)\n│ {4}\.\.\.: x \+ 1\n/,
          /│ from elsewhere\n│ in two lines\n│ Out\[2\]: 7\nIn \[3\]: x \*$/,
        ];
        for (const part of theirs) await terminal.until(part);
        await terminal.enter('7');
        await terminal.until(/Out\[3\]: 42\n\nIn \[4\]:$/);
        // a bar of theirs stays in its place, above what is typed, and is ended by whatever comes next
        for (const part of ['10%', '\\r20%', '\\r30%']) {
          await kernel.execute(`print("${part}", end="")`, { silent: true });
          await terminal.until(new RegExp(`Out\\[3\\]: 42\\n\\n│ ${part.replace('\\r', '')}\\nIn \\[4\\]:$`));
        }
        const other = kernel.execute('import time\ntime.sleep(600)');
        await terminal.until(/│ 30%\n│ In \[4\]: import time\n.*time\.sleep\(600\)\nIn \[5\]:$/);
        await terminal.enter('x - 1');
        await terminal.press('C-c');
        await terminal.until(/The kernel runs code of another client[\s\S]*Ctrl-C once more\s+interrupts that\.$/);
        await terminal.press('C-c');
        expect(await other).toMatchObject({ error: { ename: 'KeyboardInterrupt' } });
        await terminal.until(/In \[\d\]:$/);
        // what leaves IPython ends the kernel here
        await terminal.enter('exit');
        await terminal.until(/This ends the kernel: Ctrl-D leaves it running\. End it all the same\? \[y\/N\]$/);
        await terminal.press('Enter');
        await terminal.until(/\[y\/N\]\nIn \[\d\]:$/);
        await terminal.press('C-d');
        await terminal.until(/The kernel goes on/);
        expect(await terminal.ended()).toBe(0);
        expect(printed(await kernel.execute('print(x)'))).toBe('6\n');
      } finally {
        await kernel.close();
      }
    });

    test('a kernel of its own that others have joined is ended only when that is meant', async () => {
      await using user = await userWith(['ipykernel']);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3', '--quiet'], { columns: 200 });
      await terminal.until(/In \[1\]:$/);
      await terminal.enter('import ipykernel; print("file:", ipykernel.get_connection_file())');
      const [, file] = /^file: (.*\.json)$/m.exec(await terminal.until(/^file: .*\.json\n\nIn \[2\]:$/m))!;
      {
        await using other = await attach(file!);
        await other.execute('y = 1');
        await terminal.until(/│ In \[2\]: y = 1\nIn \[3\]:$/);
        await terminal.press('C-d');
        await terminal.until(/Others use this kernel\. End it all the same\? \[y\/N\]$/);
        await terminal.enter('n');
        await terminal.until(/In \[3\]:$/);
        // output that comes when its cell is done is nobody else's
        const go = user.dir.join('go');
        const wait = `[time.sleep(0.05) for _ in iter(lambda: os.path.exists("${go}"), True)]`;
        await terminal.enter(
          `import os, threading, time; threading.Thread(target=lambda: (${wait}, print("late"))).start()`,
        );
        await terminal.until(/In \[4\]:$/);
        await writeFile(go, '');
        await terminal.until(/\nlate\nIn \[4\]:$/);
      }
      await terminal.press('C-d');
      await terminal.until(/End it all the same\? \[y\/N\]$/);
      await terminal.enter('y');
      expect(await terminal.ended()).toBe(0);
    });

    test("a kernel of another program's is not restarted, nor is that asked", async () => {
      await using user = await userWith(['ipykernel']);
      const { kernel, host } = await startPlan(planKernel(realEntry('ipykernel'), { transport: 'tcp' }));
      try {
        const args = ['console', '--existing', host.launched.connectionFile, '--quiet'];
        await using terminal = await TestTerminal.open(user, args);
        await terminal.until(/In \[1\]:$/);
        await terminal.press('C-\\');
        await terminal.until(/Another program has started this kernel[\s\S]*In \[1\]:$/);
        await terminal.enter('import os; os._exit(3)');
        expect(await terminal.ended()).toBe(5);
        expect(await terminal.screen()).toMatch(/kernelkit console: /);
        expect(await terminal.screen()).not.toContain('Restart');
      } finally {
        await kernel.close();
      }
    });

    test('a kernel that dies is told of, and restarted; Ctrl-\\ restarts one that runs', async () => {
      await using user = await userWith(['ipykernel']);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3', '--quiet']);
      await terminal.until(/In \[1\]:$/);
      await terminal.enter('import os; print("last words", flush=True); import time; time.sleep(0.3); os._exit(3)');
      await terminal.until(/last words\n[\s\S]*kernelkit console: [\s\S]*Restart it\? \[Y\/n\]$/);
      await terminal.press('Enter');
      await terminal.until(/The kernel was restarted[\s\S]*In \[1\]:$/);
      const stubborn = [
        'import time',
        'while True:',
        '    try: print("at it"); time.sleep(600)',
        '    except KeyboardInterrupt: pass',
      ];
      await terminal.paste(stubborn.join('\n'));
      await terminal.press('M-Enter');
      for (let at = 1; at <= 3; at++) {
        await terminal.until(new RegExp(`(?:\\nat it[\\s\\S]*){${at}}`));
        await terminal.press('C-c');
      }
      await terminal.until(/The code does not heed it\. Ctrl-\\ restarts the kernel\./);
      await terminal.press('C-\\');
      await terminal.until(/Restart the kernel\? What it holds is lost\. \[y\/N\]$/);
      await terminal.enter('y');
      await terminal.until(/The kernel was restarted[\s\S]*In \[1\]:$/);
      await terminal.enter('import os, threading; threading.Timer(0.3, lambda: os._exit(4)).start()');
      await terminal.until(/kernelkit console: [\s\S]*Restart it\? \[Y\/n\]$/);
      await terminal.enter('n');
      expect(await terminal.ended()).toBe(5);
    });
  });

  describeKernel('ir', () => {
    test('another language, with its colours and its way of being incomplete', async () => {
      await using user = await userWith(['ir']);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'ir', '--quiet']);
      await terminal.until(/In \[1\]:$/);
      await terminal.enter('f <- function(x) {');
      await terminal.until(/\n {3}\.\.\.:$/);
      await terminal.enter('x + 1 }');
      await terminal.enter('f(41)');
      await terminal.until(/\[1\] 42\n\nIn \[\d\]:$/);
      expect(await terminal.screen({ colours: true })).toContain('\x1b[35mfunction');
      await terminal.type('paste');
      await terminal.press('Tab');
      await terminal.until(/In \[\d\]: paste\n paste\n paste0/);
      await terminal.press('C-c');
      await terminal.enter('stop("what is wrong")');
      await terminal.until(/what is wrong[\s\S]*In \[\d\]:$/);
      // its reply says `aborted` and no more
      await terminal.enter('repeat { cat("at it\\n"); flush.console(); Sys.sleep(0.2) }');
      await terminal.until(/\nat it/);
      await terminal.press('C-c');
      await terminal.until(/\nInterrupted\n\nIn \[\d\]:$/);
      // its help is bold and underlined as on paper
      await terminal.type('mean');
      await terminal.press('BTab');
      await terminal.until(/\nArithmetic Mean\n/);
    });
  });

  test('a kernel that cannot say whether code is complete, nor complete it', async () => {
    await using user = await userWith([]);
    await addSpec(user, 'faulty', faultySpec());
    await using terminal = await TestTerminal.open(user, ['console', '-k', 'faulty', '--quiet', '--no-color']);
    await terminal.until(/In \[1\]:$/);
    await terminal.enter('[["stream", "hello\\n"],');
    await terminal.until(/\.\.\.:$/);
    await terminal.enter('["reply"], ["idle"]]');
    await terminal.until(/\nhello\n\nIn \[\d\]:$/);
    expect(await terminal.screen({ colours: true })).not.toContain('\x1b');
    // the terminal is closed while code runs: nothing is left
    await terminal.enter('[["stream", "begun\\n"], ["wait", 600000]]');
    await terminal.until(/\nbegun$/);
  });
});
