import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeKernel, describeTool } from '../../../testing/support/index.js';
import { TestTerminal } from './console-terminal.js';
import { ensureBuilt, userWith } from './support.js';

beforeAll(ensureBuilt);

describeTool('tmux', () => {
  describeKernel('ipykernel', () => {
    test('lines that belong together, in colour; history that is kept for the next session', async () => {
      await using user = await userWith(['ipykernel']);
      {
        await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3']);
        await terminal.until(/Ctrl-D leaves\.[\s\S]*In \[1\]:$/);
        await terminal.enter('for i in range(3):');
        await terminal.until(/\n {3}\.\.\.: {4,}$|\.\.\.:$/);
        await terminal.enter('print(i * 111)');
        await terminal.press('Enter');
        await terminal.until(/\n0\n111\n222\n\nIn \[2\]:$/);
        const colours = await terminal.screen({ colours: true });
        expect(colours).toContain('\x1b[35mfor');
        expect(colours).toContain('\x1b[33m3');
        await terminal.enter('6 * 7');
        await terminal.until(/Out\[2\]: 42\n\nIn \[3\]:$/);
        await terminal.enter('"é😀" * 2');
        await terminal.until(/Out\[3\]: 'é😀é😀'\n\nIn \[4\]:$/);
        // the entries that begin as what is typed
        await terminal.type('f');
        await terminal.press('Up');
        await terminal.until(/In \[4\]: for i in range\(3\):\n {3}\.\.\.: {5}print\(i \* 111\)$/);
        await terminal.press('C-c');
        await terminal.until(/\nIn \[4\]:$/);
        await terminal.press('C-d');
        expect(await terminal.ended()).toBe(0);
      }
      const file = join(user.env.XDG_STATE_HOME!, 'kernelkit', 'console-history.jsonl');
      expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(3);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3']);
      await terminal.until(/In \[1\]:$/);
      await terminal.press('C-r');
      await terminal.type('MUL');
      await terminal.until(/nothing older: MUL_$/);
      await terminal.press('BSpace', 'BSpace', 'BSpace');
      await terminal.type('range');
      await terminal.until(/In \[1\]: for i in range\(3\):[\s\S]*search: range_$/);
      await terminal.press('Enter');
      await terminal.press('M-Enter');
      await terminal.until(/\n222\n\nIn \[2\]:$/);
    });

    test('completion with types, inspection, and what the pager gets', async () => {
      // a pager that shows some, and asks the terminal for more
      const PAGER = 'head -n 2; read -r line < /dev/tty; echo "typed $line"';
      await using user = await userWith(['ipykernel'], { PAGER });
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3', '--quiet']);
      await terminal.until(/In \[1\]:$/);
      await terminal.enter('import math; mine_is_long = 1');
      await terminal.until(/In \[2\]:$/);
      await terminal.type('math.fa');
      await terminal.press('Tab');
      await terminal.until(/In \[2\]: math\.fa\n fabs +function\n factorial( +function)?$/);
      await terminal.press('Tab', 'Tab');
      await terminal.until(/In \[2\]: math\.factorial\n/);
      await terminal.press('Escape');
      await terminal.until(/In \[2\]: math\.fa$/);
      await terminal.press('C-c');
      // for a name in an argument Jedi reads all of Python's own library, which takes many seconds where others want the processor
      await terminal.enter('get_ipython().Completer.use_jedi = False');
      await terminal.until(/In \[3\]:$/);
      await terminal.type('math.fa');
      await terminal.press('Tab', 'Down', 'Enter');
      await terminal.type('(mine_i');
      await terminal.press('Tab');
      await terminal.until(/In \[3\]: math\.fabs\(mine_is_long$/);
      await terminal.enter(')');
      await terminal.until(/Out\[3\]: 1\.0\n\nIn \[4\]:$/);
      await terminal.type('math.fabs');
      await terminal.press('BTab');
      await terminal.until(/In \[4\]: math\.fabs\n[\s\S]*Return the absolute value/);
      await terminal.type('?');
      await terminal.until(/In \[4\]: math\.fabs\?$/);
      await terminal.press('Enter');
      await terminal.until(/In \[4\]: math\.fabs\?\n[\s\S]*Return the absolute value[\s\S]*In \[5\]:$/);
      await terminal.enter('get_ipython().set_next_input("y = 5")');
      await terminal.until(/In \[6\]: y = 5$/);
      await terminal.press('C-u');
      const text = '"\\n".join(f"row {i}" for i in range(99))';
      await terminal.enter(
        `get_ipython().payload_manager.write_payload({"source": "page", "data": {"text/plain": ${text}}})`,
      );
      await terminal.until(/\nrow 0\nrow 1$/);
      await terminal.enter('q');
      await terminal.until(/\ntyped q\n\nIn \[7\]:$/);
      await terminal.enter('exit');
      expect(await terminal.ended()).toBe(0);
    });

    test('Ctrl-C interrupts the code, and clears the prompt; input and passwords', async () => {
      await using user = await userWith(['ipykernel']);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3', '--quiet']);
      await terminal.until(/In \[1\]:$/);
      await terminal.enter('import time; print("begun"); time.sleep(600)');
      await terminal.until(/\nbegun$/);
      await terminal.press('C-c');
      await terminal.until(/KeyboardInterrupt: ?\n\nIn \[2\]:$/);
      // before the kernel has begun with it
      await terminal.press('1', 'Enter', 'C-c');
      await terminal.until(/\nIn \[3\]:$/);
      await terminal.type('time.sleep(600)');
      await terminal.until(/In \[3\]: time\.sleep\(600\)$/);
      await terminal.press('Enter', 'C-c');
      // it may meet the question whether that is complete, or IPython wherever it is
      await terminal.until(
        /\n(?:(?:KeyboardInterrupt|Aborted|Interrupted).*\n|In \[3\]: time\.sleep\(600\))\nIn \[\d\]:$/,
      );
      await terminal.type('what is given up');
      await terminal.press('C-c');
      await terminal.until(/given up\nIn \[\d\]:$/);
      await terminal.enter('import getpass; n = input("name? "); p = getpass.getpass(); (n, len(p))');
      await terminal.until(/\nname\?$/);
      await terminal.enter('Ada');
      await terminal.until(/\nPassword:$/);
      await terminal.enter('hunter22');
      expect(await terminal.until(/Out\[\d\]: \('Ada', 8\)\n\nIn \[\d\]:$/)).not.toContain('hunter22');
      await terminal.enter('input("again? ")');
      await terminal.until(/\nagain\?$/);
      await terminal.press('C-c');
      await terminal.until(/KeyboardInterrupt: [\s\S]*In \[\d\]:$/);
      await terminal.enter('input("more? ")');
      await terminal.until(/\nmore\?$/);
      // the answer before this one that was no password
      await terminal.press('Up');
      await terminal.until(/\nmore\? Ada$/);
      await terminal.press('C-u');
      await terminal.press('C-d');
      await terminal.until(/EOFError[\s\S]*In \[\d\]:$/);
      // what is typed while code runs is there when it is done
      const go = user.dir.join('go');
      await terminal.enter(
        `import os; print("slow"); [time.sleep(0.05) for _ in iter(lambda: os.path.exists("${go}"), True)];`,
      );
      await terminal.until(/\nslow$/);
      await terminal.type('"typed" + " ahead"');
      await terminal.press('Enter');
      await writeFile(go, '');
      await terminal.until(/Out\[\d\]: 'typed ahead'\n\nIn \[\d\]:$/);
    });

    test('many lines are pasted as they are; what is drawn again is drawn in its place', async () => {
      await using user = await userWith(['ipykernel']);
      await using terminal = await TestTerminal.open(user, ['console', '-k', 'python3', '--quiet']);
      await terminal.until(/In \[1\]:$/);
      await terminal.paste('def f(x):\n    if x:\n        return 1\n\n    return 2\nprint(f(0))');
      await terminal.until(/In \[1\]: def f\(x\):\n[\s\S]* {3}\.\.\.: print\(f\(0\)\)$/);
      await terminal.press('Enter');
      await terminal.until(/\n2\n\nIn \[2\]:$/);
      const clearing = [
        'import time, sys; from IPython.display import clear_output, display',
        'print("goes")',
        'for i in range(3): clear_output(wait=True); print("line one of", i); print("line two of", i)',
        'for i in range(1, 11): print(f"\\r{i * 10}%", end="", file=sys.stderr)',
      ];
      await terminal.paste(clearing.join('\n'));
      await terminal.press('Enter');
      const cleared = await terminal.until(/100%\n\nIn \[3\]:$/);
      expect(cleared).toMatch(/file=sys\.stderr\)\nline one of 2\nline two of 2\n100%\n\nIn \[3\]:$/);
      await terminal.paste('h = display("first", display_id=True)\nfor i in range(3): h.update(f"now {i}")');
      await terminal.press('Enter');
      await terminal.until(/h\.update\(f"now \{i\}"\)\n'now 2'\n\nIn \[4\]:$/);
      // more than a screen of it, cleared as far as it can be reached
      await terminal.paste('for i in range(60): print("row", i)\nclear_output(); print("done")');
      await terminal.press('Enter');
      expect(await terminal.until(/done\n\nIn \[5\]:$/)).not.toContain('row');
      await terminal.type('"a line that does not fit once the terminal is narrow", 日本語');
      await terminal.resize(40, 24);
      await terminal.until(/\ndone\n\nIn \[5\]: "a line that does not fit once\n {8}the terminal is narrow", 日本語$/, {
        all: true,
      });
      await terminal.resize(80, 24);
      await terminal.until(/\ndone\n\nIn \[5\]: "a line that does not fit once the terminal is narrow", 日本語$/, {
        all: true,
      });
      await terminal.press('C-u');
      await terminal.enter('1 / 0');
      expect(await terminal.until(/ZeroDivisionError[\s\S]*In \[6\]:/, { colours: true })).toMatch(/\x1b\[[\d;]*31m/);
    });
  });
});
