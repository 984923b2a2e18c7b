import { Anchor, Badge, Card, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { search } from "../../../sdk/record/search.ts";
import { shortAddress } from "../../parts/short-address.ts";
import { ReadState } from "../node/read-state.tsx";
import { useChainRead } from "../node/use-chain-read.ts";
import { RecordLink } from "../record-link.tsx";

/** @param word 32 bytes: an id, a memo or a transaction. */
export function SearchResults({ word }: { word: string }) {
  const { t, i18n } = useTranslation("auditor");
  const read = useChainRead(["search", word], (rpc, { contracts, fromBlock }, reading) =>
    search(rpc, contracts, word, { fromBlock, ...reading }),
  );
  return (
    <ReadState read={read}>
      {({ found }) =>
        found.length === 0 ? (
          <Stack gap="xs">
            <Text fw={600}>{t("search.nothing")}</Text>
            <Text size="sm" c="dimmed">
              {t("search.nothingHint")}
            </Text>
          </Stack>
        ) : (
          <Stack gap="sm">
            <Text role="status">{t("search.found", { count: found.length })}</Text>
            {found.map(({ id, as, blockNumber, transactionHash }) => (
              <Card key={id} withBorder padding="sm">
                <Group justify="space-between" gap="xs">
                  <Group gap="xs">
                    <Badge variant="light">{t(`search.as.${as}`)}</Badge>
                    <Anchor component={RecordLink} kind="payments" value={id} ff="monospace">
                      {shortAddress(id)}
                    </Anchor>
                  </Group>
                  <Text size="sm" c="dimmed">
                    {t("block", { number: new Intl.NumberFormat(i18n.resolvedLanguage).format(blockNumber) })}{" "}
                    <Anchor component={RecordLink} kind="transactions" value={transactionHash} size="sm" ff="monospace">
                      {shortAddress(transactionHash)}
                    </Anchor>
                  </Text>
                </Group>
              </Card>
            ))}
          </Stack>
        )
      }
    </ReadState>
  );
}
