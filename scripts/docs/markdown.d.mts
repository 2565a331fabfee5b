export interface Rendered {
  html: string;
  title: string;
  headings: { id: string; text: string; depth: number }[];
}
export declare function slugger(): (text: string) => string;
export declare function targetsOf(text: string): string[];
export declare function render(text: string, move: (href: string) => string): Rendered;
