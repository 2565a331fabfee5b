export declare function placeOf(file: string): string;
export declare function writeSite(out: string, options: { api: boolean }): Promise<string[]>;
