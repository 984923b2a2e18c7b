import { Button, Center, Loader, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { type ReservesPoint, reservesHistory } from "../../../sdk/record/reserves-history.ts";
import { Amount } from "../../parts/amount.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { ReadState } from "../node/read-state.tsx";
import { useChainRead } from "../node/use-chain-read.ts";

const ReservesChart = lazy(() => import("./reserves-chart.tsx"));

/** How the reserves of a token went; read when asked for, as it takes all of the token's transfers. */
export function ReservesHistory({ token, end }: { token: string; end: number }) {
  const { t } = useTranslation("auditor");
  const [isAsked, setAsked] = useState(false);
  if (isAsked) return <History token={token} end={end} />;
  return (
    <Button
      variant="default"
      size="xs"
      style={{ alignSelf: "flex-start" }}
      onClick={() => {
        setAsked(true);
      }}
    >
      {t("reserves.history")}
    </Button>
  );
}

function History({ token, end }: { token: string; end: number }) {
  const { t } = useTranslation("auditor");
  const [form, setForm] = useState("chart");
  const read = useChainRead(["history", token, String(end)], (rpc, { contracts, fromBlock }, reading) =>
    reservesHistory(rpc, contracts.ledger, token, { fromBlock, toBlock: end, ...reading }),
  );
  return (
    <ReadState read={read}>
      {(points) =>
        points.length === 0 ? (
          <Text c="dimmed">{t("reserves.noHistory")}</Text>
        ) : (
          <Stack gap="sm">
            <SegmentedControl
              aria-label={t("reserves.form")}
              value={form}
              onChange={setForm}
              data={[
                { value: "chart", label: t("reserves.chart") },
                { value: "table", label: t("reserves.table") },
              ]}
              style={{ alignSelf: "flex-start" }}
            />
            {form === "table" ? (
              <Points token={token} points={points} />
            ) : (
              <Suspense
                fallback={
                  <Center h={240}>
                    <Loader role="status" aria-label={t("reserves.chart")} />
                  </Center>
                }
              >
                <ReservesChart token={token} points={points} />
              </Suspense>
            )}
          </Stack>
        )
      }
    </ReadState>
  );
}

function Points({ token, points }: { token: string; points: readonly ReservesPoint[] }) {
  const { t, i18n } = useTranslation("auditor");
  return (
    <Table.ScrollContainer minWidth={560} mah={360}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("account.columns.block")}</Table.Th>
            <Table.Th>{t("reserves.time")}</Table.Th>
            <Table.Th>{t("reserves.supply")}</Table.Th>
            <Table.Th>{t("reserves.held")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.map(({ blockNumber, timestamp, supply, held }) => (
            <Table.Tr key={blockNumber}>
              <Table.Td>{new Intl.NumberFormat(i18n.resolvedLanguage).format(blockNumber)}</Table.Td>
              <Table.Td>
                <TimeText at={timestamp} />
              </Table.Td>
              <Table.Td>
                <Amount token={token} value={supply} />
              </Table.Td>
              <Table.Td>
                <Amount token={token} value={held} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
