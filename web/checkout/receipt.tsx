import { Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../sdk/client.ts";
import { useNetwork } from "../app/network.ts";
import { Amount } from "../parts/amount.tsx";
import { HexText } from "../parts/hex-text.tsx";
import { saveFile } from "../parts/save-file.ts";
import { TimeText } from "../parts/time-text.tsx";

/** What stays of a payment. */
export function Receipt({ payment }: { payment: PaymentView }) {
  const { t } = useTranslation("checkout");
  const network = useNetwork();
  const { rpcUrl } = network;
  const { exchange } = payment;
  const save = useMutation({
    mutationFn: async () => {
      const { readReceipt } = await import("./read-receipt.ts");
      const receipt = await readReceipt(rpcUrl, network, payment);
      saveFile(`receipt-${payment.id.slice(2, 10)}.json`, "application/json", receipt);
    },
  });
  const [paidToken, paid] = [payment.token, exchange?.paid ?? exchange?.cost ?? payment.amount];
  const rows = [
    { name: "paid", value: <Amount token={paidToken} value={paid} fw={600} /> },
    ...(exchange === null
      ? []
      : [{ name: "received", value: <Amount token={exchange.settleToken} value={exchange.settleAmount} fw={600} /> }]),
    { name: "merchant", value: <HexText value={payment.merchant} /> },
    ...(payment.settledAt === null ? [] : [{ name: "time", value: <TimeText at={payment.settledAt} /> }]),
    { name: "id", value: <HexText value={payment.id} what={t("receipt.id")} /> },
    ...(payment.transactionHash === null
      ? []
      : [
          {
            name: "transaction",
            value: <HexText value={payment.transactionHash} what={t("receipt.transaction")} />,
          },
        ]),
  ];
  return (
    <Stack gap="sm">
      <Table variant="vertical" layout="auto" withTableBorder>
        <Table.Tbody>
          {rows.map(({ name, value }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{t(`receipt.${name}`)}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group>
        <Button
          variant="default"
          loading={save.isPending}
          onClick={() => {
            save.mutate();
          }}
        >
          {t("receipt.save")}
        </Button>
        <Anchor href={`/audit/payments/${payment.id}`}>{t("receipt.check")}</Anchor>
      </Group>
      {save.isError && (
        <Text size="sm" c="red" role="alert">
          {t("receipt.notRead")}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {t("receipt.hint")}
      </Text>
    </Stack>
  );
}
