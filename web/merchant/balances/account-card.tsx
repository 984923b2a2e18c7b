import { Alert, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSnowflake } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { AccountView, CurrencyView } from "../../../sdk/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { availableOf, isFrozen } from "./withdrawal.ts";
import { WithdrawalDialog } from "./withdrawal-dialog.tsx";

/** What a merchant has in one currency. */
export function AccountCard({ account, currency }: { account: AccountView; currency: CurrencyView }) {
  const { t } = useTranslation("merchant");
  const [isOpen, { open, close }] = useDisclosure(false);
  const available = availableOf(account);
  const frozen = isFrozen(account, BigInt(Math.floor(Date.now() / 1_000)));
  return (
    <Card withBorder padding="lg" component="section" aria-label={currency.name}>
      <Stack gap="md">
        <Group justify="space-between" align="start">
          <Stack gap={0}>
            <Title order={2} size="h5">
              {currency.code}
            </Title>
            <Text size="sm" c="dimmed">
              {currency.name}
            </Text>
          </Stack>
          <Button onClick={open} disabled={available === 0n || frozen} variant="light">
            {t("balances.withdraw")}
          </Button>
        </Group>
        <Stack gap={0}>
          <Text size="sm" c="dimmed">
            {t("balances.available")}
          </Text>
          <Amount token={currency.token} value={available} fz="1.75rem" fw={650} />
        </Stack>
        <SimpleGrid cols={2}>
          <Figure label={t("balances.balance")} token={currency.token} value={account.balance} />
          <Figure label={t("balances.reserved")} token={currency.token} value={account.reserved} />
        </SimpleGrid>
        {frozen && (
          <Alert color="blue" icon={<IconSnowflake aria-hidden />} title={t("balances.frozen")}>
            <Text size="sm">
              {t("balances.frozenUntil")} <TimeText at={account.frozenUntil} />
            </Text>
          </Alert>
        )}
      </Stack>
      <WithdrawalDialog account={account} currency={currency} isOpen={isOpen} onClose={close} />
    </Card>
  );
}

function Figure({ label, token, value }: { label: string; token: string; value: string }) {
  return (
    <Stack gap={0}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Amount token={token} value={value} fz="sm" />
    </Stack>
  );
}
