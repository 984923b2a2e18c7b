import { Alert, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type AccountsAudit, auditAccounts, type TokenAccounts } from "../../../sdk/record/accounts.ts";
import { Amount } from "../../parts/amount.tsx";
import { saveFile } from "../../parts/save-file.ts";
import { toJson } from "../export-json.ts";
import { ReadRange } from "../node/read-range.tsx";
import { ReadState } from "../node/read-state.tsx";
import { useSource } from "../node/source-context.ts";
import { useChainRead } from "../node/use-chain-read.ts";
import { ReservesHistory } from "./reserves-history.tsx";

/** Whether the Ledger holds what its accounts are owed, by token. */
export function ReservesPage() {
  const { t } = useTranslation("auditor");
  const read = useChainRead(["reserves"], (rpc, { contracts, fromBlock }, reading) =>
    auditAccounts(rpc, contracts, { fromBlock, ...reading }),
  );
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h2">
          {t("reserves.title")}
        </Title>
        <Text c="dimmed" maw="42rem">
          {t("reserves.lead")}
        </Text>
      </div>
      <ReadState read={read}>{(audit) => <Audit audit={audit} />}</ReadState>
    </Stack>
  );
}

function Audit({ audit }: { audit: AccountsAudit }) {
  const { t } = useTranslation("auditor");
  const { source } = useSource();
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <ReadRange fromBlock={source?.fromBlock ?? 0} end={audit.end} />
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            saveFile(`corridor-reserves-${audit.end.number}.json`, "application/json", toJson(audit));
          }}
        >
          {t("saveJson")}
        </Button>
      </Group>
      {audit.imbalances.length === 0 ? (
        <Alert color="teal">{t("reserves.balanced", { count: audit.payments })}</Alert>
      ) : (
        <Alert color="red" role="alert" title={t("reserves.imbalanced")}>
          {audit.imbalances.map((line) => (
            <Text key={line} size="sm" style={{ overflowWrap: "anywhere" }}>
              {line}
            </Text>
          ))}
        </Alert>
      )}
      {audit.tokens.map((tokenAccounts) => (
        <Token key={tokenAccounts.token} audit={tokenAccounts} end={audit.end.number} />
      ))}
    </Stack>
  );
}

function Token({ audit, end }: { audit: TokenAccounts; end: number }) {
  const { t } = useTranslation("auditor");
  const { token, sum, supply, held, accounts } = audit;
  const rows = [
    ["sum", sum],
    ["supply", supply],
    ["held", held],
    ["difference", held === null ? null : held - supply],
  ] as const;
  const isGood = sum === supply && held !== null && held >= supply;
  return (
    <Card withBorder>
      <Group justify="space-between" mb="sm">
        <Text size="sm" c="dimmed">
          {t("reserves.accounts", { count: accounts.length })}
        </Text>
        <Badge color={isGood ? "teal" : "red"}>{t(isGood ? "reserves.covered" : "reserves.short")}</Badge>
      </Group>
      <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 4 }} m={0} mb="sm" spacing="xs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {t(`reserves.${name}`)}
            </Text>
            <Text component="dd" m={0} fw={600}>
              {value === null ? t("reserves.notTold") : <Amount token={token} value={value} />}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <ReservesHistory token={token} end={end} />
    </Card>
  );
}
