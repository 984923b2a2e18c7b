import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export function ColorSchemeButton() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t(isDark ? "useLightColors" : "useDarkColors")}
      onClick={() => {
        setColorScheme(isDark ? "light" : "dark");
      }}
    >
      {isDark ? <IconSun size="1.2rem" aria-hidden /> : <IconMoon size="1.2rem" aria-hidden />}
    </ActionIcon>
  );
}
