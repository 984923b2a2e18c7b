import { Alert, Anchor, Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Amount } from "../../parts/amount.tsx";
import { toCsv } from "../../../sdk/csv.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { saveFile } from "../../parts/save-file.ts";
import { shortAddress } from "../../parts/short-address.ts";
import { toJson } from "../export-json.ts";
import { ReadRange } from "../node/read-range.tsx";
import { ReadState } from "../node/read-state.tsx";
import { useChainRead } from "../node/use-chain-read.ts";
import { RecordLink } from "../record-link.tsx";
import { readSearch } from "../search-text.ts";
import { type AccountRecord, readAccount } from "./read-account.ts";

/** What an account holds and did, as the chain tells it. */
export function AccountPage() {
  const { t } = useTranslation("auditor");
  const params: { readonly address?: string } = useParams({ strict: false });
  const address = params.address ?? "";
  const target = readSearch(address);
  if (target.kind !== "address") return <Alert color="red">{t("search.bad_checksum")}</Alert>;
  return <Account key={target.address} address={target.address} />;
}

function Account({ address }: { address: string }) {
  const { t } = useTranslation("auditor");
  const read = useChainRead(["account", address], (rpc, source, reading) => readAccount(rpc, source, address, reading));
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          {t("account.title")}
        </Title>
        <HexText value={address} isWhole />
      </div>
      <ReadState read={read}>{(record) => <Found address={address} record={record} />}</ReadState>
    </Stack>
  );
}

function Found({ address, record }: { address: string; record: AccountRecord }) {
  const { t } = useTranslation("auditor");
  const balances = record.balances.filter(({ rebuilt, told }) => rebuilt !== 0n || told !== 0n);
  return (
    <Stack gap="md">
      <ReadRange fromBlock={record.fromBlock} end={record.end} />
      <Title order={2} size="h4">
        {t("account.balances")}
      </Title>
      {balances.length === 0 && <Text c="dimmed">{t("account.empty")}</Text>}
      {balances.map(({ token, rebuilt, told }) => (
        <Group key={token} justify="space-between" gap="xs">
          <Text fw={600}>
            <Amount token={token} value={rebuilt} />
          </Text>
          {rebuilt === told ? (
            <Badge color="teal" variant="light">
              {t("account.agrees")}
            </Badge>
          ) : (
            <Text c="red" role="alert">
              {t("account.differs")} <Amount token={token} value={told} />
            </Text>
          )}
        </Group>
      ))}
      <Payments address={address} record={record} />
    </Stack>
  );
}

const SHOWN = 25;

function Payments({ address, record }: { address: string; record: AccountRecord }) {
  const { t, i18n } = useTranslation("auditor");
  const [shown, setShown] = useState(SHOWN);
  const { payments } = record;
  const saveCsv = () => {
    const head = ["id", "direction", "other", "token", "amount", "memo", "block", "transaction"];
    const rows = payments.map((row) => [
      ...[row.id, row.direction, row.other, row.token, row.amount, row.memo, row.blockNumber, row.transactionHash],
    ]);
    saveFile(`corridor-account-${address}.csv`, "text/csv", toCsv(head, rows));
  };
  return (
    <>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t("account.payments", { count: payments.length })}
        </Title>
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={saveCsv}>
            {t("saveCsv")}
          </Button>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              saveFile(`corridor-account-${address}.json`, "application/json", toJson(record));
            }}
          >
            {t("saveJson")}
          </Button>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {t("account.hint")}
      </Text>
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {(["direction", "amount", "other", "id", "block"] as const).map((name) => (
                <Table.Th key={name}>{t(`account.columns.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {payments.slice(0, shown).map((row) => (
              <Table.Tr key={row.id + row.direction}>
                <Table.Td>{t(`account.${row.direction}`)}</Table.Td>
                <Table.Td>
                  <Amount token={row.token} value={row.amount} />
                </Table.Td>
                <Table.Td>
                  <Anchor component={RecordLink} kind="accounts" value={row.other} ff="monospace" size="sm">
                    {shortAddress(row.other)}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <Anchor component={RecordLink} kind="payments" value={row.id} ff="monospace" size="sm">
                    {shortAddress(row.id)}
                  </Anchor>
                </Table.Td>
                <Table.Td>{new Intl.NumberFormat(i18n.resolvedLanguage).format(row.blockNumber)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {payments.length > shown && (
        <Button
          variant="default"
          onClick={() => {
            setShown(shown + SHOWN);
          }}
        >
          {t("more")}
        </Button>
      )}
    </>
  );
}
