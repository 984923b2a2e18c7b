import { Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../../app/network.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { type Wallet, WalletError } from "../../wallets/wallet.ts";
import { FailureAlert } from "./failure-alert.tsx";
import { findWallet } from "./find-wallet.ts";
import { keepWallet, keptWallet } from "./kept-wallet.ts";
import { type Merchant, MerchantContext } from "./merchant-context.ts";
import { WalletChoice } from "./wallet-choice.tsx";

interface Asked {
  readonly resolve: (wallet: Wallet) => void;
  readonly reject: (error: WalletError) => void;
}

/** Gives pages the merchant's wallet, and asks for it when it is needed and not there. @param address Checksummed. */
export function MerchantProvider({ address, children }: { address: string; children: ReactNode }) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const [asked, setAsked] = useState<Asked>();
  const found = useRef<Wallet>(undefined);
  const merchant = useMemo<Merchant>(
    () => ({
      address,
      async wallet() {
        if (found.current?.address === address) return found.current;
        const kept = keptWallet();
        const wallet = kept?.address === address ? await findWallet(kept, network) : undefined;
        found.current =
          wallet ??
          (await new Promise<Wallet>((resolve, reject) => {
            setAsked({ resolve, reject });
          }));
        return found.current;
      },
    }),
    [address, network],
  );
  const connect = useMutation({
    mutationFn: (open: () => Promise<Wallet>) => open(),
    onSuccess: (wallet) => {
      if (wallet.address !== address) return;
      keepWallet(wallet);
      asked?.resolve(wallet);
      setAsked(undefined);
    },
  });
  return (
    <MerchantContext value={merchant}>
      {children}
      <Modal
        opened={asked !== undefined}
        title={t("frame.connect.title")}
        onClose={() => {
          asked?.reject(new WalletError("declined"));
          setAsked(undefined);
          connect.reset();
        }}
      >
        <Stack>
          <Text size="sm">
            {t("frame.connect.lead")} <HexText value={address} />
          </Text>
          {connect.error !== null && <FailureAlert error={connect.error} />}
          {connect.data !== undefined && connect.data.address !== address && (
            <Text c="red" size="sm" role="alert">
              {t("frame.connect.otherAccount")} <HexText value={connect.data.address} />
            </Text>
          )}
          <WalletChoice
            isBusy={connect.isPending}
            onChoose={(open) => {
              connect.mutate(open);
            }}
          />
        </Stack>
      </Modal>
    </MerchantContext>
  );
}
