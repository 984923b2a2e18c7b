import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Amount } from "../../parts/amount.tsx";
import { HexText } from "../../parts/hex-text.tsx";
import type { WithdrawalWish } from "./withdrawal-form.tsx";

/** What a withdrawal's signature says, in words. */
export function WithdrawalSummary({ token, fee, wish }: { token: string; fee: bigint; wish: WithdrawalWish }) {
  const { t } = useTranslation("merchant");
  const rows = [
    { label: t("balances.leaves"), value: wish.amount },
    { label: t("balances.fee"), value: fee },
    { label: t("balances.arrives"), value: wish.amount - fee },
  ];
  return (
    <Stack gap="xs">
      <Text size="sm">{t("balances.signs")}</Text>
      <Table withRowBorders={false} aria-label={t("balances.signs")}>
        <Table.Tbody>
          {rows.map(({ label, value }) => (
            <Table.Tr key={label}>
              <Table.Th fw={400}>{label}</Table.Th>
              <Table.Td ta="right">
                <Amount token={token} value={value} fw={600} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {t("balances.to")}
      </Text>
      <HexText value={wish.to} isWhole />
      <Text size="xs" c="dimmed">
        {t("balances.signsHint")}
      </Text>
    </Stack>
  );
}
