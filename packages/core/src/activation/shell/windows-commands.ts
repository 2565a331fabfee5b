/**
 * How Windows' scripts would be run (§3.3, §5.6), as command lines. Never run: no Windows was at hand, and `activate` on Windows only names
 * the scripts that it leaves out.
 */
export interface WindowsCommand {
  argv: string[];
  /** What the file that `argv` names has to hold; null: no file is needed. */
  file: string | null;
}

/**
 * `.bat`: cmd reads a file of ours that calls them in order, in UTF-8, and then prints the environment by `SET`, whose lines are parted by
 * line ends: a value cannot hold one. A script that fails stops conda's activation, and so this one.
 *
 * @param helper the path of the file, in which no `^` and no `%` may be
 */
export function batchCommand(
  system: string,
  helper: string,
  scripts: readonly string[],
  marker: string,
): WindowsCommand {
  const calls = scripts.flatMap((script) => [`@CALL "${script.replaceAll('%', '%%')}"`, '@IF ERRORLEVEL 1 EXIT /B 1']);
  const lines = ['@ECHO OFF', '@chcp 65001 >NUL', ...calls, `@ECHO ${marker}`, '@SET', `@ECHO ${marker}`];
  return { argv: [`${system}\\System32\\cmd.exe`, '/d', '/c', helper], file: `${lines.join('\r\n')}\r\n` };
}

/** `.ps1`: dot-sourced in order, and the environment as JSON between markers. A policy may forbid it, which PowerShell says on stderr. */
export function powershellCommand(shell: string, scripts: readonly string[], marker: string): WindowsCommand {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const program = [
    '$OutputEncoding = [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)',
    ...scripts.map((script) => `. ${quoted(script)} | Out-Null`),
    `Write-Output ${quoted(marker)}`,
    '[Environment]::GetEnvironmentVariables() | ConvertTo-Json -Compress',
    `Write-Output ${quoted(marker)}`,
  ].join('; ');
  return { argv: [shell, '-NoProfile', '-NonInteractive', '-Command', program], file: null };
}

/** Of scripts that are there in both kinds, the ones to run: those for cmd, and those for PowerShell that have no other. */
export function chooseWindowsScripts(scripts: readonly string[]): { batch: string[]; powershell: string[] } {
  const stem = (script: string) => script.replace(/\.(?:bat|ps1)$/i, '').toLowerCase();
  const batch = scripts.filter((script) => /\.bat$/i.test(script));
  const known = new Set(batch.map(stem));
  return { batch, powershell: scripts.filter((script) => /\.ps1$/i.test(script) && !known.has(stem(script))) };
}

/** What `SET` printed between the last two lines that are the marker. Null: it is not there. */
export function parseSet(output: string, marker: string): Map<string, string> | null {
  const lines = output.split(/\r?\n/).map((line) => line.trimEnd());
  const last = lines.lastIndexOf(marker);
  const first = last > 0 ? lines.lastIndexOf(marker, last - 1) : -1;
  if (first === -1) return null;
  const variables = new Map<string, string>();
  for (const line of lines.slice(first + 1, last)) {
    // `=C:` is the directory of a drive
    const at = line.indexOf('=', 1);
    if (at > 0 && !line.startsWith('=')) variables.set(line.slice(0, at), line.slice(at + 1));
  }
  return variables;
}
