import type { Command } from 'commander';

export declare function manPage(program: Command, version: string): string;
export declare function writeManPage(): Promise<void>;
