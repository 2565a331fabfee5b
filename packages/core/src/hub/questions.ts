import type { JupyterMessage } from '@kernelkit/protocol';

interface Question {
  readonly id: string;
  /** The request whose code asks, by its client's name for it. */
  readonly parent: string | undefined;
  readonly session: string;
}

/** What the kernel has asked (`input()`) and nobody has answered yet. */
export class Questions {
  #open: Question[] = [];

  asked({ header, parent_header }: JupyterMessage, session: string): void {
    this.#open.push({ id: header.msg_id, parent: parent_header.msg_id, session });
  }

  /**
   * Takes an answer from a client that answers for these sessions: true for the first one to a question of theirs. It names the question,
   * or the request, as its parent; older front ends name nothing, and mean the last question.
   */
  answer({ parent_header }: JupyterMessage, sessions: ReadonlySet<string>): boolean {
    const theirs = this.#open.filter(({ session }) => sessions.has(session));
    const { msg_id: named } = parent_header;
    const meant =
      named === undefined ? theirs.at(-1) : theirs.find(({ id, parent }) => named === id || named === parent);
    if (meant === undefined) return false;
    this.#open = this.#open.filter((each) => each !== meant);
    return true;
  }

  /** The request is over: what it asked needs no answer. */
  over(parent: string | undefined): void {
    if (this.#open.length > 0) this.#open = this.#open.filter((each) => each.parent !== parent);
  }

  clear(): void {
    this.#open = [];
  }
}
