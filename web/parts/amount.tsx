import { Text, type TextProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { findCurrency, useNetwork } from "../app/network.ts";
import { showAmount } from "./show-amount.ts";

/** An amount with its currency's decimals and code, as people write it here. @param value Smallest units. */
export function Amount({ token, value, ...props }: { token: string; value: bigint | string } & TextProps) {
  const { i18n } = useTranslation();
  const network = useNetwork();
  return (
    <Text component="span" inherit style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }} {...props}>
      {showAmount(BigInt(value), findCurrency(network, token), i18n.resolvedLanguage ?? "en", token)}
    </Text>
  );
}
