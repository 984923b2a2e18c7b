import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { BlockHeader } from "../../../sdk/record/rpc-answers.ts";
import { TimeText } from "../../parts/time-text.tsx";

/** Between which blocks something was looked for. */
export function ReadRange({ fromBlock, end }: { fromBlock: number; end: BlockHeader }) {
  const { t, i18n } = useTranslation("auditor");
  const number = new Intl.NumberFormat(i18n.resolvedLanguage);
  return (
    <Text size="sm" c="dimmed">
      {t("read.range", { from: number.format(fromBlock), to: number.format(end.number) })}{" "}
      <TimeText at={end.timestamp} />
    </Text>
  );
}
