import { ActionIcon, CopyButton, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { getAddress, isAddress } from "ethers";
import { useTranslation } from "react-i18next";

import { shortAddress } from "./short-address.ts";

/** An address (checksummed), id or hash: shortened, copied by a click. @param what Said to who cannot see it, such as "address". */
export function HexText({ value, what, isWhole = false }: { value: string; what?: string; isWhole?: boolean }) {
  const { t } = useTranslation();
  const text = isAddress(value) ? getAddress(value) : value;
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Group component="span" display="inline-flex" gap={2} wrap="nowrap" style={{ verticalAlign: "middle" }}>
          <Text
            component="span"
            ff="monospace"
            size="sm"
            style={isWhole ? { wordBreak: "break-all" } : {}}
            title={text}
          >
            {isWhole ? text : shortAddress(text)}
          </Text>
          <ActionIcon
            variant="subtle"
            color={copied ? "teal" : "gray"}
            size="sm"
            // No tooltip of the library's: what places it weighs 15 kB in a checkout's first load.
            title={t("copy", { what: what ?? t("address") })}
            aria-label={t("copy", { what: what ?? t("address") })}
            onClick={copy}
          >
            {copied ? <IconCheck size="0.9rem" aria-hidden /> : <IconCopy size="0.9rem" aria-hidden />}
          </ActionIcon>
          <VisuallyHidden aria-live="polite">{copied ? t("copied") : ""}</VisuallyHidden>
        </Group>
      )}
    </CopyButton>
  );
}
