/** Statuses that a process on Windows ends with (NTSTATUS, ntstatus.h): name, and what it means in a sentence. */
const STATUSES: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  1073807364: ['DBG_TERMINATE_PROCESS', 'it was ended by a debugger'],
  2147483651: ['STATUS_BREAKPOINT', 'it met a breakpoint, as an assertion that fails sets one'],
  3221225477: ['STATUS_ACCESS_VIOLATION', 'a library of it read or wrote memory that is not its own'],
  3221225495: ['STATUS_NO_MEMORY', 'there was not enough memory'],
  3221225501: ['STATUS_ILLEGAL_INSTRUCTION', 'a library of it was built for another processor'],
  3221225595: ['STATUS_INVALID_IMAGE_FORMAT', 'a DLL of it was built for another architecture'],
  3221225725: ['STATUS_STACK_OVERFLOW', 'its stack overflowed, as endless recursion makes it'],
  3221225781: ['STATUS_DLL_NOT_FOUND', 'a DLL that it needs was not found'],
  3221225784: ['STATUS_ORDINAL_NOT_FOUND', 'a DLL of it is of another version than it needs'],
  3221225785: ['STATUS_ENTRYPOINT_NOT_FOUND', 'a DLL of it is of another version than it needs'],
  3221225786: ['STATUS_CONTROL_C_EXIT', 'it was ended by Ctrl-C or by its console being closed'],
  3221225794: ['STATUS_DLL_INIT_FAILED', 'a DLL of it could not be initialised'],
  3221226356: ['STATUS_HEAP_CORRUPTION', 'a library of it damaged the heap'],
  3221226505: ['STATUS_STACK_BUFFER_OVERRUN', 'it ended itself after an error that it could not handle'],
  3765269347: ['C++ exception', 'a library of it threw an exception that nobody caught'],
};

/** What a status of Windows is called; null where it is an ordinary one. */
export function ntStatus(code: number): { name: string; meaning: string | null } | null {
  const unsigned = code >>> 0;
  const known = STATUSES[unsigned];
  if (known !== undefined) return { name: known[0], meaning: known[1] };
  return unsigned >= 0xc0000000 ? { name: `0x${unsigned.toString(16).toUpperCase()}`, meaning: null } : null;
}
