import { Accordion, Anchor, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../sdk/client.ts";
import { useNetwork } from "../app/network.ts";
import { QrCode } from "../parts/qr-code.tsx";

/** Paying on the phone that reads this code, or with a wallet that knows nothing of Corridor (EIP-681). */
export function OtherDevice({ request }: { request: PaymentRequestView }) {
  const { t } = useTranslation("checkout");
  const { chainId } = useNetwork();
  const here = `${window.location.origin}/pay/${request.id}`;
  const transfer = `ethereum:${request.token}@${chainId}/transfer?address=${request.merchant}&uint256=${request.amount}`;
  // On a wide screen there is room for the code beside the form.
  const isWide = useMediaQuery("(min-width: 62em)", false, { getInitialValueInEffect: false });
  return (
    <Accordion variant="separated" order={2} defaultValue={isWide ? "phone" : null}>
      <Accordion.Item value="phone">
        <Accordion.Control>{t("other.phone")}</Accordion.Control>
        <Accordion.Panel>
          <Stack align="center">
            <QrCode text={here} label={t("other.phoneCode")} />
            <Text size="sm">{t("other.phoneHint")}</Text>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
      {request.terms === null && (
        <Accordion.Item value="wallet">
          <Accordion.Control>{t("other.wallet")}</Accordion.Control>
          <Accordion.Panel>
            <Stack align="center">
              <Text size="sm">{t("other.walletHint")}</Text>
              <QrCode text={transfer} label={t("other.walletCode")} />
              <Anchor href={transfer} style={{ wordBreak: "break-all" }} size="sm">
                {t("other.openWallet")}
              </Anchor>
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      )}
    </Accordion>
  );
}
