/**
 * What a userscript manager may give, as far as the script uses it. Tampermonkey and Violentmonkey have both forms, others
 * only one: nothing here is certain to be there.
 */
export interface RequestDetails {
  method: string;
  url: string;
  headers: Record<string, string>;
  data?: string;
  timeout: number;
  /** Without cookies: a session of the dashboard must never speak for the button. */
  anonymous: true;
  onload: (response: { status: number; responseText: string }) => void;
  onerror: () => void;
  onabort: () => void;
  ontimeout: () => void;
}

/** GM_…, at once. */
export interface Legacy {
  xmlhttpRequest: ((details: RequestDetails) => unknown) | undefined;
  getValue: ((key: string, otherwise: string) => unknown) | undefined;
  setValue: ((key: string, value: string) => void) | undefined;
  deleteValue: ((key: string) => void) | undefined;
  addValueChangeListener: ((key: string, changed: () => void) => unknown) | undefined;
  registerMenuCommand: ((caption: string, run: () => void) => unknown) | undefined;
}

/** GM.…, with promises. */
export interface Modern {
  xmlHttpRequest?: (details: RequestDetails) => unknown;
  getValue?: (key: string, otherwise: string) => Promise<unknown>;
  setValue?: (key: string, value: string) => Promise<void>;
  deleteValue?: (key: string) => Promise<void>;
  registerMenuCommand?: (caption: string, run: () => void) => unknown;
}

declare const GM: Modern | undefined;
declare const GM_xmlhttpRequest: Legacy['xmlhttpRequest'];
declare const GM_getValue: Legacy['getValue'];
declare const GM_setValue: Legacy['setValue'];
declare const GM_deleteValue: Legacy['deleteValue'];
declare const GM_addValueChangeListener: Legacy['addValueChangeListener'];
declare const GM_registerMenuCommand: Legacy['registerMenuCommand'];

/** Looks at each name by itself: a manager that lacks one does not even declare it. */
export function granted(): { modern: Modern; legacy: Legacy } {
  return {
    modern: typeof GM === 'undefined' ? {} : (GM ?? {}),
    legacy: {
      xmlhttpRequest: typeof GM_xmlhttpRequest === 'undefined' ? undefined : GM_xmlhttpRequest,
      getValue: typeof GM_getValue === 'undefined' ? undefined : GM_getValue,
      setValue: typeof GM_setValue === 'undefined' ? undefined : GM_setValue,
      deleteValue: typeof GM_deleteValue === 'undefined' ? undefined : GM_deleteValue,
      addValueChangeListener: typeof GM_addValueChangeListener === 'undefined' ? undefined : GM_addValueChangeListener,
      registerMenuCommand: typeof GM_registerMenuCommand === 'undefined' ? undefined : GM_registerMenuCommand,
    },
  };
}
