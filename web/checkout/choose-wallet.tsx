import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconDeviceMobile, IconFingerprint, IconWallet } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../app/network.ts";
import { shortAddress } from "../parts/short-address.ts";
import { useInjectedWallets } from "../wallets/use-injected-wallets.ts";
import { canUsePasskeys, knownPasskeys, makePasskey, passkeyWallet } from "../wallets/passkey-wallet.ts";
import { passkeyAddress } from "../wallets/passkey-address.ts";
import { type Wallet, WalletError } from "../wallets/wallet.ts";

/** The test wallet's name in this browser. */
const PAYER = "payer";

/** Ways to sign: a passkey, a wallet of the browser, and in a demonstration a test wallet. */
export function ChooseWallet({ onChosen }: { onChosen: (wallet: Wallet) => void }) {
  const { t } = useTranslation("checkout");
  const network = useNetwork();
  const injected = useInjectedWallets();
  const choose = useMutation({
    mutationFn: (open: () => Promise<Wallet>) => open(),
    onSuccess: onChosen,
  });
  const failure = choose.error instanceof WalletError ? choose.error.code : choose.isError ? "failed" : undefined;
  return (
    <Stack gap="sm" component="section" aria-labelledby="choose-wallet">
      <Title order={2} size="h4" id="choose-wallet">
        {t("wallet.title")}
      </Title>
      {canUsePasskeys() && (
        <>
          {knownPasskeys().map((known) => (
            <Button
              key={known.credentialId}
              size="lg"
              leftSection={<IconFingerprint aria-hidden />}
              disabled={choose.isPending}
              onClick={() => {
                choose.mutate(() => Promise.resolve(passkeyWallet(known)));
              }}
            >
              {t("wallet.knownPasskey", { address: shortAddress(passkeyAddress(known)) })}
            </Button>
          ))}
          <Button
            size="lg"
            variant={knownPasskeys().length === 0 ? "filled" : "default"}
            leftSection={<IconFingerprint aria-hidden />}
            loading={choose.isPending}
            onClick={() => {
              choose.mutate(() => makePasskey(t("wallet.siteName"), t("wallet.passkeyName")));
            }}
          >
            {t("wallet.newPasskey")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("wallet.passkeyHint")}
          </Text>
        </>
      )}
      {injected.map((announced) => (
        <Button
          key={announced.info.uuid}
          size="lg"
          variant="default"
          leftSection={<IconWallet aria-hidden />}
          disabled={choose.isPending}
          onClick={() => {
            choose.mutate(async () => {
              const { connectInjectedWallet } = await import("../wallets/injected-wallets.ts");
              return connectInjectedWallet(announced, network);
            });
          }}
        >
          {announced.info.name}
        </Button>
      ))}
      {network.demo !== null && (
        <>
          <Button
            size="lg"
            variant="default"
            leftSection={<IconDeviceMobile aria-hidden />}
            disabled={choose.isPending}
            onClick={() => {
              choose.mutate(async () => {
                const { openBrowserWallet } = await import("../wallets/browser-wallet.ts");
                return openBrowserWallet(PAYER);
              });
            }}
          >
            {t("wallet.test")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("wallet.testHint")}
          </Text>
        </>
      )}
      {failure !== undefined && (
        <Alert color="red" role="alert" title={t("wallet.failed.title")}>
          {t(`wallet.failed.${failure}`)} {t("wallet.failed.nothingPaid")}
        </Alert>
      )}
    </Stack>
  );
}
