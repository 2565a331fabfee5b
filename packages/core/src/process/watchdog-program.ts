/**
 * What the watchdog runs: POSIX sh, since there is one wherever there are process groups. It reads what it is to guard
 * from its standard input, a line each:
 *
 *     pid PID STARTTIME     the process group that PID leads, if PID still is the process started then
 *     dir PATH              a run directory
 *     entry PATH            an entry of the journal, which stays where a group could not be ended: a sweep has to find it
 *     drop …                the same line again, after "drop": no longer
 *
 * and at the end of the file, which comes when its owner is gone, however it went, ends the groups and removes the
 * directories. A last line without its end was cut off by the owner's death, and does not count.
 *
 * $1 says where start times are from: "proc" or "ps". No process is started on the way but `sleep`, `rm` and `ps`.
 * `kill -SIGNAL -PID` is the one form of kill for a group that dash, bash and busybox share (no `--`, no `-s`).
 */
export const WATCHDOG_PROGRAM = `
trap '' HUP INT TERM
how=$1
nl='
'
told=$nl
while IFS= read -r line; do
  case $line in
    'drop '*)
      gone=$nl\${line#drop }$nl
      case $told in *"$gone"*) told=\${told%%"$gone"*}$nl\${told#*"$gone"} ;; esac ;;
    *) told=$told$line$nl ;;
  esac
done
IFS=$nl
set -f

# look PID: its state, group and start
look() {
  state= group= start=
  if [ "$how" = proc ]; then
    text=
    while IFS= read -r part || [ -n "$part" ]; do text=$text$part; done 2>/dev/null <"/proc/$1/stat" || return
    IFS=' '
    set -- \${text##*)}
    state=$1 group=$3 start=\${20}
  else
    IFS=' '$nl
    set -- $(ps -o state= -o pgid= -o lstart= -p "$1")
    state=$1 group=$2
    [ $# -gt 2 ] && shift 2 && IFS=' ' && start=$*
  fi
  IFS=$nl
}

# census: the groups that have a member which has not ended, in $alive; one look at each process, however many groups there are
census() {
  alive=$nl
  set +f
  for each in /proc/[0-9]*/stat; do
    each=\${each#/proc/}
    look "\${each%/stat}"
    case $state in '' | Z | X) ;; *) alive=$alive$group$nl ;; esac
  done
  set -f
}

# settle: waits until no group in $left runs, some 0.9 s at most
settle() {
  steps=20
  while :; do
    still=
    [ "$how" = proc ] && [ -n "$left" ] && census
    for pid in $left; do
      kill -0 "-$pid" 2>/dev/null || continue
      if [ "$how" = proc ]; then case $alive in *"$nl$pid$nl"*) ;; *) continue ;; esac; fi
      still=$still$pid$nl
    done
    left=$still
    [ -n "$left" ] && [ "$steps" -gt 0 ] || return
    steps=$((steps - 1))
    sleep 0.04 || sleep 1
  done
}

left=
for entry in $told; do
  case $entry in 'pid '*) ;; *) continue ;; esac
  entry=\${entry#pid }
  pid=\${entry%% *}
  case $pid in '' | 0 | 1 | *[!0-9]*) continue ;; esac
  look "$pid"
  [ -n "$start" ] && [ "$start" = "\${entry#* }" ] && [ "$group" = "$pid" ] || continue
  kill -TERM "-$pid" && left=$left$pid$nl
done
settle
if [ -n "$left" ]; then
  for pid in $left; do kill -KILL "-$pid"; done
  settle
fi
for entry in $told; do
  case $entry in 'dir /'*) ;; *) continue ;; esac
  dir=\${entry#dir }
  case \${dir##*/} in kernelkit-?*) rm -rf -- "$dir" ;; esac
done
[ -z "$left" ] || exit 0
for entry in $told; do
  case $entry in 'entry /'*) ;; *) continue ;; esac
  file=\${entry#entry }
  dir=\${file%/*}
  case \${dir##*/}/\${file##*/} in kernelkit/kernel-*.json | kernelkit.*/kernel-*.json) rm -f -- "$file"; rmdir "$dir" ;; esac
done 2>/dev/null
`;
