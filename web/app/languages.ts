import i18next from "i18next";
import resourcesToBackend from "./load-locales.ts";
import { initReactI18next } from "react-i18next";

/** The languages of the console by BCP 47, each by its own name. */
export const LANGUAGES = { en: "English", "zh-CN": "简体中文", "zh-TW": "繁體中文" } as const;

export type Language = keyof typeof LANGUAGES;

/** The texts of each face, loaded with it. */
export const NAMESPACES = ["common", "checkout", "merchant", "auditor"] as const;

const KEPT_AS = "corridor.language";

/** Starts with the language that was chosen here before, or else the first of the browser's that there is. */
export async function startLanguages(): Promise<void> {
  const language = readKept() ?? firstKnown(navigator.languages) ?? "en";
  await i18next
    .use(resourcesToBackend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: "en",
      supportedLngs: Object.keys(LANGUAGES),
      ns: ["common"],
      defaultNS: "common",
      // React escapes what it shows.
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(KEPT_AS, language);
}

function readKept(): Language | undefined {
  const kept = localStorage.getItem(KEPT_AS);
  return kept !== null && isLanguage(kept) ? kept : undefined;
}

/** @param wanted By BCP 47, the dearest first. Chinese in traditional characters is what Taiwan, Hong Kong and Macau read. */
export function firstKnown(wanted: readonly string[]): Language | undefined {
  for (const tag of wanted) {
    const { language, script, region } = new Intl.Locale(tag).maximize();
    if (language === "en") return "en";
    if (language === "zh") return script === "Hant" || region === "TW" ? "zh-TW" : "zh-CN";
  }
  return undefined;
}

export function isLanguage(text: string): text is Language {
  return Object.hasOwn(LANGUAGES, text);
}
