/** Smaller ones are read at once. */
const LARGE = 64 * 1024;
/** What stands before a value in JSON. */
const BEFORE = new Set([...':,[- \n\r\t'].map((character) => character.charCodeAt(0)));

/** Whether a content is so large that it is worth leaving unread, and holds no NaN or Infinity that would have to be put right. */
export function canStayUnread(content: Uint8Array): boolean {
  if (content.byteLength < LARGE) return false;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return !hasBare(bytes, 'NaN') && !hasBare(bytes, 'Infinity');
}

/** The word where a value may stand. In a text it may as well: then the content is read, which does no harm. */
function hasBare(bytes: Buffer, word: string): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) {
    if (BEFORE.has(bytes[at - 1] ?? 0)) return true;
  }
  return false;
}
