import { Anchor, Card, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../../sdk/client.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { FactList } from "./fact-list.tsx";

/** Where the chain says so, and where that is checked without asking us. */
export function PaymentProof({ payment }: { payment: PaymentView }) {
  const { t, i18n } = useTranslation("merchant");
  const { blockNumber, transactionHash } = payment;
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="xs">
        {t("payments.proof.title")}
      </Title>
      {blockNumber === null || transactionHash === null ? (
        <Text size="sm">{t("payments.proof.notYet")}</Text>
      ) : (
        <>
          <FactList
            facts={[
              [
                t("payments.proof.block"),
                new Intl.NumberFormat(i18n.resolvedLanguage ?? "en").format(BigInt(blockNumber)),
              ],
              [
                t("payments.transaction"),
                <HexText key="transaction" value={transactionHash} what={t("payments.transaction")} isWhole />,
              ],
            ]}
          />
          <Text size="sm" mt="xs">
            <Anchor href={`/audit/payments/${payment.id}`} underline="always">
              {t("payments.proof.check")}
            </Anchor>{" "}
            {t("payments.proof.how")}
          </Text>
        </>
      )}
    </Card>
  );
}
