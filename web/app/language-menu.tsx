import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { changeLanguage, isLanguage, LANGUAGES } from "./languages.ts";

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <NativeSelect
      size="sm"
      variant="unstyled"
      // Beside two links and two buttons there are 68 pixels left on a phone of 360.
      w={{ base: "4.25rem", xs: "6rem" }}
      rightSectionWidth={14}
      styles={{ input: { paddingInlineEnd: 14 } }}
      style={{ flexShrink: 0 }}
      aria-label={t("language")}
      value={i18n.resolvedLanguage ?? "en"}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
      onChange={({ currentTarget: { value } }) => {
        if (isLanguage(value)) void changeLanguage(value);
      }}
    />
  );
}
