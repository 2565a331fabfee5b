export declare function brokenLinks(folder: string): Promise<string[]>;
