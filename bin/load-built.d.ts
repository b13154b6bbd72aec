export function loadBuilt(file: string): unknown;
export function writeCache(file: string): void;
