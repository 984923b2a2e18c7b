import { Avatar, Button, Divider, Stack, Text } from "@mantine/core";
import { IconBuildingStore, IconFingerprint, IconFlask, IconWallet } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../../app/network.ts";
import { shortAddress } from "../../parts/short-address.ts";
import { openBrowserWallet } from "../../wallets/browser-wallet.ts";
import { connectInjectedWallet } from "../../wallets/injected-wallets.ts";
import { nodeWallet } from "../../wallets/node-wallet.ts";
import { canUsePasskeys, knownPasskeys, makePasskey, passkeyWallet } from "../../wallets/passkey-wallet.ts";
import { useInjectedWallets } from "../../wallets/use-injected-wallets.ts";
import type { Wallet } from "../../wallets/wallet.ts";

/** The merchant's test wallet, apart from the one that pays in this browser. */
const TEST_WALLET = "merchant";

/** Every wallet that this browser can sign with. @param onChoose Given what opens the one that was chosen. */
export function WalletChoice({
  onChoose,
  isBusy,
}: {
  onChoose: (open: () => Promise<Wallet>) => void;
  isBusy: boolean;
}) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const { demo, rpcUrl } = network;
  const injected = useInjectedWallets();
  const passkeys = canUsePasskeys() ? knownPasskeys().map(passkeyWallet) : [];
  const choice = { variant: "default", size: "md", justify: "flex-start", fullWidth: true, disabled: isBusy } as const;
  return (
    <Stack gap="sm">
      {injected.map((wallet) => (
        <Button
          key={wallet.info.uuid}
          {...choice}
          leftSection={<Avatar src={wallet.info.icon} alt="" size="sm" radius="sm" />}
          onClick={() => {
            onChoose(() => connectInjectedWallet(wallet, network));
          }}
        >
          {wallet.info.name}
        </Button>
      ))}
      {injected.length === 0 && (
        <Text size="sm" c="dimmed">
          <IconWallet size="1rem" aria-hidden style={{ verticalAlign: "text-bottom" }} /> {t("signIn.noInjected")}
        </Text>
      )}
      {passkeys.map((wallet) => (
        <Button
          key={wallet.address}
          {...choice}
          leftSection={<IconFingerprint size="1.2rem" aria-hidden />}
          onClick={() => {
            onChoose(() => Promise.resolve(wallet));
          }}
        >
          {t("signIn.passkey", { address: shortAddress(wallet.address) })}
        </Button>
      ))}
      {canUsePasskeys() && (
        <Button
          {...choice}
          leftSection={<IconFingerprint size="1.2rem" aria-hidden />}
          onClick={() => {
            onChoose(() => makePasskey(t("signIn.passkeySite"), t("signIn.passkeyUser")));
          }}
        >
          {t("signIn.newPasskey")}
        </Button>
      )}
      {demo !== null && (
        <>
          <Divider label={t("signIn.demo")} />
          {rpcUrl !== null &&
            demo.merchants.map(({ name, merchant }) => (
              <Button
                key={merchant}
                {...choice}
                leftSection={<IconBuildingStore size="1.2rem" aria-hidden />}
                onClick={() => {
                  onChoose(() => Promise.resolve(nodeWallet(rpcUrl, merchant, name)));
                }}
              >
                {name}
              </Button>
            ))}
          <Button
            {...choice}
            leftSection={<IconFlask size="1.2rem" aria-hidden />}
            onClick={() => {
              onChoose(() => openBrowserWallet(TEST_WALLET));
            }}
          >
            {t("signIn.testWallet")}
          </Button>
        </>
      )}
    </Stack>
  );
}
