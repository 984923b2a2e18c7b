import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { AccountView, CurrencyView } from "../../../sdk/client.ts";
import { useNetwork } from "../../app/network.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { InstructionProgress } from "./instruction-progress.tsx";
import { useWithdrawal } from "./use-withdrawal.ts";
import { withdrawalFeeOf } from "./withdrawal.ts";
import { WithdrawalForm, type WithdrawalWish } from "./withdrawal-form.tsx";
import { WithdrawalSummary } from "./withdrawal-summary.tsx";

interface Props {
  readonly account: AccountView;
  readonly currency: CurrencyView;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Asks where and how much, says in words what will be signed, then follows it. */
export function WithdrawalDialog({ account, currency, isOpen, onClose }: Props) {
  const { t } = useTranslation("merchant");
  const fee = withdrawalFeeOf(useNetwork(), currency.token);
  const [wish, setWish] = useState<WithdrawalWish>();
  const { signed, instruction, error, isBusy, send, forget } = useWithdrawal(currency.token);

  const close = (): void => {
    // What the relayer may have without our knowing stays, so that it is sent again and not signed anew.
    if (instruction !== undefined) forget();
    if (instruction !== undefined || signed === undefined) setWish(undefined);
    onClose();
  };

  const title = t("balances.withdrawFrom", { code: currency.code });
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={title}
      closeOnClickOutside={!isBusy}
      closeButtonProps={{ "aria-label": t("balances.close") }}
    >
      {wish === undefined ? (
        <WithdrawalForm account={account} currency={currency} fee={fee} onReady={setWish} />
      ) : (
        <Stack>
          <WithdrawalSummary token={currency.token} fee={fee} wish={wish} />
          {instruction === undefined ? (
            <>
              {error !== null && signed === undefined && <FailureAlert error={error} />}
              {error !== null && signed !== undefined && (
                <Alert color="yellow" title={t("balances.unknown")}>
                  <Text size="sm">{t("balances.unknownHint")}</Text>
                </Alert>
              )}
              <Group justify="flex-end">
                {signed === undefined && (
                  <Button
                    variant="default"
                    disabled={isBusy}
                    onClick={() => {
                      setWish(undefined);
                      forget();
                    }}
                  >
                    {t("balances.change")}
                  </Button>
                )}
                <Button
                  loading={isBusy}
                  onClick={() => {
                    send({ ...wish, fee });
                  }}
                >
                  {signed === undefined ? t("balances.sign") : t("balances.sendAgain")}
                </Button>
              </Group>
            </>
          ) : (
            <>
              <InstructionProgress instruction={instruction} />
              <Button variant="default" onClick={close}>
                {t("balances.close")}
              </Button>
            </>
          )}
        </Stack>
      )}
    </Modal>
  );
}
