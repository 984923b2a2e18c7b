import { Group, Progress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { QuotedView } from "../../sdk/client.ts";
import { findCurrency, useNetwork } from "../app/network.ts";

/** The rate, and for how much longer it stands. */
export function RateLine({ quote, now }: { quote: QuotedView; now: number }) {
  const { t, i18n } = useTranslation("checkout");
  const network = useNetwork();
  const [pay, settle] = [findCurrency(network, quote.payToken), findCurrency(network, quote.settleToken)];
  const left = Math.max(0, Number(quote.expiresAt) - now);
  const scale = 10 ** ((settle?.decimals ?? 0) - (pay?.decimals ?? 0));
  const rate = (Number(quote.payAmount) / Number(quote.settleAmount)) * scale;
  const shown = new Intl.NumberFormat(i18n.resolvedLanguage ?? "en", { maximumSignificantDigits: 6 }).format(rate);
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t("rate.text", { rate: shown, pay: pay?.code ?? "?", settle: settle?.code ?? "?" })}</Text>
        <Text size="sm" c="dimmed" role="timer">
          {t("rate.left", { count: left })}
        </Text>
      </Group>
      <Progress
        mt={4}
        size="xs"
        value={(left / Math.max(1, quote.ttlSeconds)) * 100}
        aria-label={t("rate.left", { count: left })}
      />
    </div>
  );
}
