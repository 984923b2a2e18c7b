import { Alert, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { type PaymentRecord, readPaymentRecord } from "../../../sdk/record/payment-record.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { saveFile } from "../../parts/save-file.ts";
import { toJson } from "../export-json.ts";
import { ReadRange } from "../node/read-range.tsx";
import { ReadState } from "../node/read-state.tsx";
import { useChainRead } from "../node/use-chain-read.ts";
import { readSearch } from "../search-text.ts";
import { StepsTimeline } from "../steps-timeline.tsx";
import { recordTokens } from "./record-tokens.ts";
import { SignatureCard } from "./signature-card.tsx";

/** The life of a payment as the chain tells it. */
export function PaymentPage() {
  const { t } = useTranslation("auditor");
  const params: { readonly id?: string } = useParams({ strict: false });
  const id = params.id ?? "";
  if (readSearch(id).kind !== "word") return <Alert color="red">{t("search.unreadable")}</Alert>;
  return <Payment key={id} id={id} />;
}

function Payment({ id }: { id: string }) {
  const { t } = useTranslation("auditor");
  const read = useChainRead(["payment", id], (rpc, { contracts, fromBlock }, reading) =>
    readPaymentRecord(rpc, contracts, id, { fromBlock, ...reading }),
  );
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          {t("payment.title")}
        </Title>
        <HexText value={id} what={t("search.as.payment")} isWhole />
      </div>
      <ReadState read={read}>{(record) => <Life record={record} />}</ReadState>
    </Stack>
  );
}

const COLORS = { settled: "teal", rejected: "red", only_acts: "yellow", absent: "gray" } as const;

function Life({ record }: { record: PaymentRecord }) {
  const { t } = useTranslation("auditor");
  const { outcome, funding, isHeld, isExchanged, contradictions, steps } = record;
  const tokens = recordTokens(record);
  return (
    <Stack gap="md">
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Badge color={COLORS[outcome]}>{t(`payment.outcomes.${outcome}`)}</Badge>
          {funding !== null && <Badge variant="light">{t(`payment.funding.${funding}`)}</Badge>}
          {isHeld && <Badge variant="light">{t("payment.held")}</Badge>}
          {isExchanged && <Badge variant="light">{t("payment.exchanged")}</Badge>}
        </Group>
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            saveFile(`corridor-payment-${record.id}.json`, "application/json", toJson(record));
          }}
        >
          {t("saveJson")}
        </Button>
      </Group>
      <ReadRange fromBlock={record.fromBlock} end={record.end} />
      {contradictions.length > 0 && (
        <Alert color="red" role="alert" title={t("payment.contradictions")}>
          {contradictions.map((line) => (
            <Text key={line} size="sm">
              {line}
            </Text>
          ))}
        </Alert>
      )}
      {outcome === "absent" ? (
        <Text>{t("payment.absent")}</Text>
      ) : (
        <>
          <Title order={2} size="h4">
            {t("signature.title")}
          </Title>
          <SignatureCard record={record} />
          <Title order={2} size="h4">
            {t("payment.life")}
          </Title>
          <StepsTimeline steps={steps} about={record.id} tokensOf={() => tokens} />
        </>
      )}
    </Stack>
  );
}
