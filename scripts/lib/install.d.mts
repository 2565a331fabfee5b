export interface Locked {
  version?: string;
  resolved?: string;
  link?: boolean;
  optional?: boolean;
}
export declare function installDrift(wanted: Record<string, Locked>, installed: Record<string, Locked>): string | null;
export declare function whyInstall(): string | null;
export declare function ensureInstalled(): Promise<void>;
