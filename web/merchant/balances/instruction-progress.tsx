import { Alert, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { InstructionView } from "../../../sdk/client.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { InstructionState, stateColor } from "./instruction-state.tsx";

/** Where something signed is on its way to the chain, and what that means for the money. */
export function InstructionProgress({ instruction }: { instruction: InstructionView }) {
  const { t } = useTranslation("merchant");
  return (
    <Alert color={stateColor(instruction.state)} role="status" title={<InstructionState instruction={instruction} />}>
      <Stack gap="xs">
        <Text size="sm">{t(`balances.stateHints.${instruction.state}`)}</Text>
        {instruction.transactionHash !== null && (
          <HexText value={instruction.transactionHash} what={t("balances.transaction")} />
        )}
      </Stack>
    </Alert>
  );
}
