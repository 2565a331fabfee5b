/** What 4.x called the messages that 5.0 renamed: new name to old. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  execute_result: 'pyout',
  execute_input: 'pyin',
  error: 'pyerr',
  inspect_request: 'object_info_request',
  inspect_reply: 'object_info_reply',
};

const NEW_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(OLD_NAMES).map(([newer, older]) => [older, newer]),
);

export function nameIn4(type: string): string {
  return Object.hasOwn(OLD_NAMES, type) ? OLD_NAMES[type]! : type;
}

export function nameIn5(type: string): string {
  return Object.hasOwn(NEW_NAMES, type) ? NEW_NAMES[type]! : type;
}
