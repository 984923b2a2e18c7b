import { ActionIcon } from "@mantine/core";
import { IconTextSize } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { useLargeType } from "./reading-size.ts";

export function ReadingSizeButton() {
  const { t } = useTranslation();
  const [isLarge, setLarge] = useLargeType();
  return (
    <ActionIcon
      variant={isLarge ? "light" : "subtle"}
      color="gray"
      size="lg"
      aria-label={t("largeType")}
      aria-pressed={isLarge}
      onClick={() => {
        setLarge(!isLarge);
      }}
    >
      <IconTextSize size="1.2rem" aria-hidden />
    </ActionIcon>
  );
}
