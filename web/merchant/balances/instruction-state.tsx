import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { InstructionView } from "../../../sdk/client.ts";
import type { PaymentState } from "../../../sdk/payment.ts";

/** A state in words, with the cause of a refusal. */
export function InstructionState({ instruction }: { instruction: InstructionView }) {
  const { t } = useTranslation("merchant");
  const { state, code } = instruction;
  return (
    <Text component="span" inherit>
      {t(`balances.states.${state}`)}
      {code !== null && ` · ${t(`overview.codes.${code}`, { defaultValue: code })}`}
    </Text>
  );
}

export function stateColor(state: PaymentState): string {
  switch (state) {
    case "settled":
    case "final":
      return "teal";
    case "rejected":
    case "expired":
      return "red";
    case "accepted":
    case "assigned":
    case "submitted":
      return "blue";
  }
}
