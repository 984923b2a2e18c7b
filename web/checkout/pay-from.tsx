import { Alert, Anchor, Button, Group, Radio, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../app/network.ts";
import { Amount } from "../parts/amount.tsx";
import { HexText } from "../parts/hex-text.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { type Wallet, WalletError } from "../wallets/wallet.ts";
import { AddTestMoney } from "./add-test-money.tsx";
import { type Attempt, boundBy } from "./attempt.ts";
import { composePayment } from "./compose-payment.ts";
import type { PayFormProps } from "./pay-form.tsx";
import { missingOf, nameOf, type PaySource } from "./pay-sources.ts";
import { RateLine } from "./rate-line.tsx";
import { idOf, signAny } from "./sign-payment.ts";
import { useNow } from "./use-now.ts";
import { usePaySources } from "./use-pay-sources.ts";
import { WhatYouSign } from "./what-you-sign.tsx";

/** With what the payer pays, what she signs, and her signature. */
export function PayFrom({
  request,
  before,
  wallet,
  onSigned,
  onOtherWallet,
}: PayFormProps & { wallet: Wallet; onOtherWallet: () => void }) {
  const { t } = useTranslation("checkout");
  const network = useNetwork();
  const now = useNow();
  const bound = boundBy(before, wallet.address, now);
  const sources = usePaySources(request, wallet).filter(
    ({ token, funding }) => bound.kind !== "same_nonce" || (token === bound.token && funding === "account"),
  );
  const [chosen, setChosen] = useState<string>();
  const source =
    sources.find((each) => nameOf(each) === chosen) ??
    sources.find((each) => each.available !== undefined && missingOf(each) === 0n) ??
    sources[0];
  const missing = source === undefined ? 0n : missingOf(source);

  const pay = useMutation({
    mutationFn: async ({ funding, nextNonce, quote, token }: PaySource) => {
      const nonce = bound.kind === "same_nonce" ? bound.nonce : nextNonce;
      if (nonce === undefined) return;
      const payment = composePayment(network, request, {
        ...{ payer: wallet.address, nonce, now: BigInt(now), quoted: quote },
      });
      const signature = await signAny(wallet, network, payment, funding);
      const attempt: Attempt = {
        ...{ id: idOf(network, payment, funding), payer: wallet.address, funding, token, end: "open" },
        ...{ nonce: nonce.toString(), deadline: payment.deadline.toString() },
      };
      onSigned(attempt, { payment, signature, funding });
    },
  });

  if (bound.kind === "wait") {
    return (
      <Alert color="yellow" role="alert" title={t("from.wait.title")}>
        <Text>
          {t("from.wait.text")} <TimeText at={bound.until} fw={600} />
        </Text>
        <Anchor component="button" type="button" onClick={onOtherWallet}>
          {t("from.otherWallet")}
        </Anchor>
      </Alert>
    );
  }
  return (
    <Stack component="section" aria-labelledby="pay-from">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4" id="pay-from">
          {t("from.title")}
        </Title>
        <Anchor component="button" type="button" size="sm" onClick={onOtherWallet}>
          {t("from.otherWallet")}
        </Anchor>
      </Group>
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t(`from.kinds.${wallet.kind}`)}
        </Text>
        <HexText value={wallet.address} />
      </Group>
      <Radio.Group
        aria-label={t("from.currencies")}
        value={source === undefined ? "" : nameOf(source)}
        onChange={setChosen}
      >
        <Stack gap="xs">
          {sources.map((each) => (
            <SourceCard key={nameOf(each)} source={each} />
          ))}
        </Stack>
      </Radio.Group>
      {source?.quote !== undefined && <RateLine quote={source.quote} now={now} />}
      {source !== undefined && missing > 0n ? (
        <Alert color="yellow" title={t("from.short.title")}>
          <Text>
            {t("from.short.text")} <Amount token={source.token} value={missing} fw={600} />
          </Text>
          {network.demo !== null && <AddTestMoney owner={wallet.address} token={source.token} atLeast={missing} />}
        </Alert>
      ) : (
        source !== undefined && <WhatYouSign request={request} source={source} now={now} />
      )}
      {pay.error !== null && (
        <Alert color="red" role="alert" title={t("wallet.failed.title")}>
          {t(`wallet.failed.${pay.error instanceof WalletError ? pay.error.code : "failed"}`)}{" "}
          {t("wallet.failed.nothingPaid")}
        </Alert>
      )}
      {source !== undefined && (
        <Button
          size="xl"
          h="auto"
          py="sm"
          disabled={source.nextNonce === undefined || missing > 0n}
          loading={pay.isPending}
          onClick={() => {
            pay.mutate(source);
          }}
        >
          <span>
            {t("from.pay")} <Amount token={source.token} value={source.cost} />
          </span>
        </Button>
      )}
    </Stack>
  );
}

function SourceCard({ source }: { source: PaySource }) {
  const { t } = useTranslation("checkout");
  return (
    <Radio.Card value={nameOf(source)} p="md" radius="md">
      <Group wrap="nowrap" gap="sm">
        <Radio.Indicator />
        <Stack gap={0}>
          <Text fw={600}>
            <Amount token={source.token} value={source.cost} />
          </Text>
          {source.available !== undefined && (
            <Text size="sm" c={missingOf(source) > 0n ? "red" : "dimmed"}>
              {t(source.funding === "account" ? "from.youHave" : "from.walletHolds")}{" "}
              <Amount token={source.token} value={source.available} />
            </Text>
          )}
        </Stack>
      </Group>
    </Radio.Card>
  );
}
