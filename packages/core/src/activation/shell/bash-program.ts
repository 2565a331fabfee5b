/**
 * What bash runs (§5): the scripts that deactivate, then the variables that change in between, then the scripts that activate; at its
 * end, however a script brings that about (`exit`, `set -e`), what is exported is written.
 *
 * Arguments: how many scripts deactivate, how many changes there are, the scripts, the changes (`NAME=VALUE`, or `NAME` to unset), and the
 * scripts that activate. The answer's entries are ended by NUL. They tell of each script its start (`>` and its number), its end (`<` and
 * its status) and, where there are several, what is exported after it (`=`): so it can be said which one set a variable, and which one
 * ended the shell. The last two are the shell's status (`!`) and what is exported at its end.
 *
 * As in a terminal, an `exec` that fails does not end the shell. Each script starts with no arguments and without the `-e`, `-u` and `-x` of the one before. Descriptor 19 is out of the way of scripts that
 * use 3.
 */
export const BASH_PROGRAM = `
exec 19>&3 3>&-
shopt -s execfail
trap 'printf "!%s\\0" "$?" >&19; builtin declare -xp >&19; printf "\\0" >&19' EXIT
__kk_leave=("\${@:3:$1}") __kk_change=("\${@:3+$1:$2}") __kk_enter=("\${@:3+$1+$2}") __kk_at=0 __kk_many=$(($# - 2 - $2 > 1))
set --
__kk_exports() { [ $__kk_many = 0 ] || { printf = >&19; builtin declare -xp >&19; printf '\\0' >&19; }; }
__kk_exports
for __kk in "\${__kk_leave[@]}"; do
  printf '>%s\\0' $__kk_at >&19; . "$__kk"; printf '<%s\\0' $? >&19; set +eux; __kk_exports; __kk_at=$((__kk_at + 1)); set --
done
for __kk in "\${__kk_change[@]}"; do
  case $__kk in *=*) export "$__kk" ;; *) unset -v "$__kk" ;; esac
done
[ \${#__kk_change[@]} = 0 ] || __kk_exports
for __kk in "\${__kk_enter[@]}"; do
  printf '>%s\\0' $__kk_at >&19; . "$__kk"; printf '<%s\\0' $? >&19; set +eux; __kk_exports; __kk_at=$((__kk_at + 1)); set --
done
exit 0
`;

/** What the report says of the scripts. */
export interface Report {
  /** By the script's number; null: it began and did not come to its end. */
  statuses: Map<number, number | null>;
  /** What each changed among the exported variables: number → names. Empty where there is only one script. */
  changed: Map<number, Set<string>>;
  /** Whether what is exported follows: the shell came to an end of its own. */
  isComplete: boolean;
}

/** Takes the answer apart. */
export function readAnswer(text: string): { report: Report; exported: string } {
  const report: Report = { statuses: new Map(), changed: new Map(), isComplete: false };
  let exports: string[] | null = null;
  let current: number | null = null;
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\0', at);
    if (end === -1) break;
    const entry = text.slice(at, end);
    at = end + 1;
    const rest = entry.slice(1);
    if (entry.startsWith('>')) {
      current = Number(rest);
      report.statuses.set(current, null);
    } else if (entry.startsWith('<') && current !== null) report.statuses.set(current, Number(rest));
    else if (entry.startsWith('=')) {
      const now = rest.split(/^declare -x /m);
      if (current !== null && exports !== null) report.changed.set(current, namesOf(exports, now));
      exports = now;
      // between the two loops variables change by nobody's doing
      current = null;
    } else if (entry.startsWith('!')) {
      const after = text.indexOf('\0', at);
      report.isComplete = after !== -1;
      return { report, exported: text.slice(at, Math.max(at, after)) };
    }
  }
  return { report, exported: '' };
}

/** The names in whose declarations two lists differ. */
function namesOf(before: readonly string[], after: readonly string[]): Set<string> {
  const [old, now] = [new Set(before), new Set(after)];
  const different = [...before.filter((each) => !now.has(each)), ...after.filter((each) => !old.has(each))];
  return new Set(different.map((each) => /^\w+/.exec(each)?.[0] ?? ''));
}
