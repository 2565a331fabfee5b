/** A `.env` file that was read. */
export interface DotenvFile {
  file: string;
  variables: Record<string, string>;
}
