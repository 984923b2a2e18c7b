import { Alert, Box, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentRecord } from "../../../sdk/record/payment-record.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { signatureForm } from "./signature-form.ts";

/** Whether the payer signed for it, in plain words, and how that was found out. */
export function SignatureCard({ record }: { record: PaymentRecord }) {
  const { t } = useTranslation("auditor");
  const { signature, funding, device, id } = record;
  if (signature === null) return <Alert color="gray">{t("signature.none")}</Alert>;
  const verdict = signature.status === "asks_contract" ? signature.answer : signature.status;
  const color = verdict === "valid" ? "teal" : verdict === "invalid" ? "red" : "yellow";
  const reason = "reason" in signature ? t(`signature.reasons.${signature.reason}`) : undefined;
  return (
    <Alert color={color} title={t(`signature.${verdict}`)}>
      <Stack gap="xs">
        {reason !== undefined && <Text size="sm">{reason}</Text>}
        {"signer" in signature && (
          <>
            <Text size="sm">
              {t(
                `signature.how.${signature.status === "asks_contract" ? "contract" : signatureForm(signature.signature)}`,
              )}
            </Text>
            <Box component="dl" m={0}>
              <Line name={t(device === null || device === 0 ? "signature.signer" : "signature.device")}>
                <HexText value={signature.signer} what={t("search.as.address")} />
              </Line>
              <Line name={t("signature.over")}>
                {funding === "account" ? (
                  <HexText value={id} what={t("signature.over")} />
                ) : (
                  t(`signature.authorization.${funding ?? "unknown"}`)
                )}
              </Line>
              <Line name={t("signature.itself")}>
                <HexText value={signature.signature} what={t("signature.itself")} />
              </Line>
            </Box>
          </>
        )}
      </Stack>
    </Alert>
  );
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Box mt={4}>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0}>
        {children}
      </Text>
    </Box>
  );
}
