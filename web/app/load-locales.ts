import type { BackendModule, ReadCallback, ResourceKey } from "i18next";

/** Each file of texts is loaded when it is first needed, as a module of this site. */
const FILES = import.meta.glob<ResourceKey>("../locales/*/*.json", { import: "default" });

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language: string, namespace: string, callback: ReadCallback) {
    const load = FILES[`../locales/${language}/${namespace}.json`];
    if (load === undefined) {
      callback(new Error(`There are no texts ${namespace} in ${language}`), null);
      return;
    }
    load().then(
      (texts) => {
        callback(null, texts);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), null);
      },
    );
  },
};

export default backend;
