import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { changeLanguage, isLanguage, LANGUAGES } from "./languages.ts";

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <NativeSelect
      size="sm"
      variant="unstyled"
      aria-label={t("language")}
      value={i18n.resolvedLanguage ?? "en"}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
      onChange={({ currentTarget: { value } }) => {
        if (isLanguage(value)) void changeLanguage(value);
      }}
    />
  );
}
