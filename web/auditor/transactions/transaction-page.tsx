import { Alert, Anchor, Stack, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { search } from "../../../sdk/record/search.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { shortAddress } from "../../parts/short-address.ts";
import { ReadState } from "../node/read-state.tsx";
import { useChainRead } from "../node/use-chain-read.ts";
import { tokensAmong } from "../payments/record-tokens.ts";
import { RecordLink } from "../record-link.tsx";
import { readSearch } from "../search-text.ts";
import { StepsTimeline } from "../steps-timeline.tsx";
import { readTransactionSteps } from "./transaction-steps.ts";

/** What a transaction did in the contracts. */
export function TransactionPage() {
  const { t } = useTranslation("auditor");
  const params: { readonly hash?: string } = useParams({ strict: false });
  const hash = params.hash ?? "";
  if (readSearch(hash).kind !== "word") return <Alert color="red">{t("search.unreadable")}</Alert>;
  return <Transaction key={hash} hash={hash} />;
}

function Transaction({ hash }: { hash: string }) {
  const { t } = useTranslation("auditor");
  const read = useChainRead(["transaction", hash], async (rpc, { contracts, fromBlock }, reading) => ({
    steps: await readTransactionSteps(rpc, contracts, hash),
    payments: (await search(rpc, contracts, hash, { fromBlock, ...reading })).found,
  }));
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          {t("transaction.title")}
        </Title>
        <HexText value={hash} what={t("search.as.transaction")} isWhole />
      </div>
      <ReadState read={read}>
        {({ steps, payments }) =>
          steps === null ? (
            <Text>{t("transaction.absent")}</Text>
          ) : steps.length === 0 ? (
            <Text>{t("transaction.nothing")}</Text>
          ) : (
            <Stack gap="md">
              <Text size="sm">
                {t("transaction.payments")}{" "}
                {payments.map(({ id }) => (
                  <Anchor key={id} component={RecordLink} kind="payments" value={id} ff="monospace" mr="xs" size="sm">
                    {shortAddress(id)}
                  </Anchor>
                ))}
              </Text>
              <StepsTimeline steps={steps} tokensOf={(step) => tokensAmong(steps, step)} />
            </Stack>
          )
        }
      </ReadState>
    </Stack>
  );
}
