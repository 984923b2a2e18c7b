import { Alert, Button, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { approveEscrow, escrowAllowance } from "./escrow-allowance.ts";

interface Props {
  readonly token: string;
  readonly amount: bigint;
  /** What of this payment can be refunded in all. */
  readonly most: bigint;
  /** Told whether the refund can go on. */
  readonly onKnown: (canRefund: boolean) => void;
}

/** A refund comes out of the merchant's account: she has to let the Escrow take it, and to have it. */
export function RefundAllowance({ token, amount, most, onKnown }: Props) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const merchant = useMerchant();
  const queries = useQueryClient();
  const key = ["allowance", merchant.address, token];
  const allowance = useQuery({
    queryKey: key,
    queryFn: async () => (await escrowAllowance(network, merchant.address, token)) ?? null,
  });
  const account = useQuery({
    queryKey: ["account", merchant.address, token],
    queryFn: () => client.account(merchant.address, token),
  });
  const approve = useMutation({
    // What other refunds were allowed stays allowed: an approval replaces the one before.
    mutationFn: async () => approveEscrow(await merchant.wallet(), network, token, (allowance.data ?? 0n) + most),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  const { data: allowed } = allowance;
  // Where no node can be asked, the Escrow decides.
  const canRefund = allowance.isError || allowed === null || (allowed !== undefined && allowed >= amount);
  useEffect(() => {
    onKnown(canRefund);
  }, [canRefund, onKnown]);
  const isShort = account.data !== undefined && BigInt(account.data.balance) - BigInt(account.data.reserved) < amount;
  return (
    <>
      {isShort && (
        <Text size="sm" c="red" role="alert">
          {t("acts.allowance.short")} <Amount token={token} value={account.data.balance} />
        </Text>
      )}
      {(allowance.isError || allowed === null) && <Text size="sm">{t("acts.allowance.unknown")}</Text>}
      {!canRefund && allowed !== undefined && (
        <Alert color="yellow" title={t("acts.allowance.title")}>
          <Stack gap="xs" align="flex-start">
            <Text size="sm">
              {t("acts.allowance.text")} <Amount token={token} value={most} />
            </Text>
            <Button
              size="compact-md"
              loading={approve.isPending}
              onClick={() => {
                approve.mutate();
              }}
            >
              {t("acts.allowance.approve")}
            </Button>
            {approve.error !== null && <FailureAlert error={approve.error} />}
            {approve.data?.state === "rejected" && (
              <Text size="sm" c="red">
                {t("acts.allowance.rejected", { code: approve.data.code ?? "" })}
              </Text>
            )}
          </Stack>
        </Alert>
      )}
    </>
  );
}
