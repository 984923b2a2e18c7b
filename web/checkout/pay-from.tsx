import { Alert, Anchor, Button, Group, Radio, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ProblemError } from "../../sdk/client.ts";
import { useNetwork } from "../app/network.ts";
import { Amount } from "../parts/amount.tsx";
import { HexText } from "../parts/hex-text.tsx";
import { type Wallet, WalletError } from "../wallets/wallet.ts";
import { AddTestMoney } from "./add-test-money.tsx";
import { composePayment } from "./compose-payment.ts";
import { boundBy } from "./kept-payment.ts";
import type { PayFormProps } from "./pay-form.tsx";
import { missingOf } from "./pay-sources.ts";
import { RateLine } from "./rate-line.tsx";
import { sendUntilAnswered } from "./send-payment.ts";
import { useNow } from "./use-now.ts";
import { usePaySources } from "./use-pay-sources.ts";
import { useRefusalWords } from "./use-refusal-words.ts";
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
  const refusalWords = useRefusalWords();
  const bound = boundBy(before, now);
  const sources = usePaySources(request, wallet.address, bound?.token);
  const [chosen, setChosen] = useState<string>();
  const source =
    sources.find(({ token }) => token === chosen) ??
    sources.find((each) => each.available !== undefined && missingOf(each) === 0n) ??
    sources[0];
  const isKnown = source?.nextNonce !== undefined;
  const missing = source === undefined ? 0n : missingOf(source);

  const pay = useMutation({
    mutationFn: async () => {
      if (source?.nextNonce === undefined) return;
      const nonce = bound?.nonce ?? source.nextNonce;
      const { id, payment, domain, types, value } = composePayment({
        ...{ network, request, payer: wallet.address, nonce, now: BigInt(now), quote: source.quote },
      });
      const signature = await wallet.signTypedData(domain, types, value);
      const kept = {
        ...{ id, token: source.token, nonce: nonce.toString(), deadline: payment.deadline.toString(), isOver: false },
      };
      try {
        await sendUntilAnswered(payment, signature, request.id, () => {
          onSigned(kept);
        });
      } catch (error) {
        onSigned({ ...kept, isOver: true });
        throw error;
      }
      onSigned(kept);
    },
  });

  const failure =
    pay.error instanceof WalletError
      ? `${t(`wallet.failed.${pay.error.code}`)} ${t("wallet.failed.nothingPaid")}`
      : pay.error instanceof ProblemError
        ? refusalWords(pay.error.problem.code)
        : pay.error === null
          ? undefined
          : t("wallet.failed.failed");

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
      <Radio.Group aria-label={t("from.currencies")} value={source?.token ?? ""} onChange={setChosen}>
        <Stack gap="xs">
          {sources.map((each) => (
            <Radio.Card key={each.token} value={each.token} p="md" radius="md">
              <Group wrap="nowrap" gap="sm">
                <Radio.Indicator />
                <Stack gap={0}>
                  <Text fw={600}>
                    <Amount token={each.token} value={each.cost} />
                  </Text>
                  {each.available !== undefined && (
                    <Text size="sm" c={missingOf(each) > 0n ? "red" : "dimmed"}>
                      {t("from.youHave")} <Amount token={each.token} value={each.available} />
                    </Text>
                  )}
                </Stack>
              </Group>
            </Radio.Card>
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
      {failure !== undefined && (
        <Alert color="red" role="alert" title={t("from.notPaid")}>
          {failure}
        </Alert>
      )}
      <Button
        size="xl"
        h="auto"
        py="sm"
        disabled={!isKnown || missing > 0n}
        loading={pay.isPending}
        onClick={() => {
          pay.mutate();
        }}
      >
        {source === undefined ? (
          t("from.pay")
        ) : (
          <span>
            {t("from.pay")} <Amount token={source.token} value={source.cost} />
          </span>
        )}
      </Button>
    </Stack>
  );
}
