import { List, Paper, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../sdk/client.ts";
import { Amount } from "../parts/amount.tsx";
import { shortAddress } from "../parts/short-address.ts";
import { TimeText } from "../parts/time-text.tsx";
import { SIGNATURE_SECONDS } from "./compose-payment.ts";
import type { PaySource } from "./pay-sources.ts";

/** The signature in plain words, before it is given. */
export function WhatYouSign({ request, source, now }: { request: PaymentRequestView; source: PaySource; now: number }) {
  const { t } = useTranslation("checkout");
  const ends = [
    Number(request.expiresAt),
    now + Number(SIGNATURE_SECONDS),
    Number(source.quote?.expiresAt ?? Infinity),
  ];
  return (
    <Paper withBorder p="md">
      <Text fw={600} mb={4}>
        {t("sign.title")}
      </Text>
      <List size="sm" spacing={4}>
        <List.Item>
          {t("sign.gets", { merchant: request.profile.name ?? shortAddress(request.merchant) })}{" "}
          <Amount token={request.token} value={request.amount} fw={600} />
        </List.Item>
        <List.Item>
          {t("sign.leaves")} <Amount token={source.token} value={source.cost} fw={600} />
        </List.Item>
        <List.Item>{t(request.terms === null ? "sign.atOnce" : "sign.held")}</List.Item>
        <List.Item>
          {t("sign.goodUntil")} <TimeText at={Math.min(...ends)} />
        </List.Item>
      </List>
    </Paper>
  );
}
