/** The kernel asks the user for a line of text. */
export type InputRequest = {
  prompt: string;
  /** Whether what is typed must not be shown. */
  password: boolean;
};

export type InputReply = { status?: 'ok'; value: string };
