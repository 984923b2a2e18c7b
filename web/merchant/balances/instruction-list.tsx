import { Button, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { InstructionView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { HexText } from "../../parts/hex-text.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { InstructionState, stateColor } from "./instruction-state.tsx";

/** Withdrawals and whatever else she signed about her accounts, the newest first. */
export function InstructionList() {
  const { t } = useTranslation("merchant");
  const { address } = useMerchant();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["instructions", address],
    queryFn: ({ pageParam }) =>
      client.instructions({ owner: address, limit: "20", ...(pageParam === "" ? {} : { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    refetchInterval: 5_000,
  });
  const instructions = data?.pages.flatMap((page) => page.instructions) ?? [];
  return (
    <Stack component="section" gap="sm">
      <Title order={2} size="h4">
        {t("balances.instructions")}
      </Title>
      {isPending && <Skeleton h={80} />}
      {error !== null && <FailureAlert error={error} />}
      {data !== undefined && instructions.length === 0 && <Text c="dimmed">{t("balances.noInstructions")}</Text>}
      {instructions.length > 0 && (
        <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="sm" aria-label={t("balances.instructions")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("balances.what")}</Table.Th>
                <Table.Th ta="right">{t("balances.amount")}</Table.Th>
                <Table.Th>{t("balances.state")}</Table.Th>
                <Table.Th>{t("balances.when")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {instructions.map((instruction) => (
                <Row key={instruction.id} instruction={instruction} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {hasNextPage && (
        <Group>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("balances.more")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Row({ instruction }: { instruction: InstructionView }) {
  const { t } = useTranslation("merchant");
  const { kind, token, message, state, acceptedAt } = instruction;
  const { amount, to } = message;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">{t(`balances.kinds.${kind}`)}</Text>
        {kind === "withdrawal" && typeof to === "string" && <HexText value={to} />}
      </Table.Td>
      <Table.Td ta="right">{typeof amount === "string" ? <Amount token={token} value={amount} /> : "–"}</Table.Td>
      <Table.Td>
        <Text size="sm" component="span" c={`var(--mantine-color-${stateColor(state)}-text)`}>
          <InstructionState instruction={instruction} />
        </Text>
      </Table.Td>
      <Table.Td>
        <TimeText at={acceptedAt} fz="sm" />
      </Table.Td>
    </Table.Tr>
  );
}
