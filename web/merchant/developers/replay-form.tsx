import { Button, Checkbox, NativeSelect, Popover, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { REPLAY_RANGES, type ReplayRange, replaySince } from "./endpoint-choices.ts";

/** Sends the messages of a range of time again, to the last one. */
export function ReplayForm({ endpointId }: { endpointId: string }) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [range, setRange] = useState<ReplayRange>("day");
  const [isDeadOnly, setDeadOnly] = useState(true);
  const replaying = useMutation({
    mutationFn: async () => {
      const since = replaySince(range, Date.now());
      let count = 0;
      for (let cursor: string | null = ""; cursor !== null;) {
        const page = await client.webhooks.replaySince(endpointId, {
          since,
          ...(isDeadOnly ? { state: "dead" } : {}),
          ...(cursor === "" ? {} : { cursor }),
        });
        count += page.replayed;
        cursor = page.next;
      }
      return count;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["deliveries", endpointId] }),
  });
  return (
    <Popover withArrow trapFocus position="bottom-end">
      <Popover.Target>
        <Button size="xs" variant="default">
          {t("developers.replayRange")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <NativeSelect
            label={t("developers.since")}
            value={range}
            onChange={(event) => {
              setRange(event.currentTarget.value as ReplayRange);
            }}
            data={Object.keys(REPLAY_RANGES).map((value) => ({ value, label: t(`developers.ranges.${value}`) }))}
          />
          <Checkbox
            label={t("developers.deadOnly")}
            checked={isDeadOnly}
            onChange={(event) => {
              setDeadOnly(event.currentTarget.checked);
            }}
          />
          <Button
            loading={replaying.isPending}
            onClick={() => {
              replaying.mutate();
            }}
          >
            {t("developers.replay")}
          </Button>
          <Text size="sm" role="status">
            {replaying.data !== undefined && t("developers.replayed", { count: replaying.data })}
          </Text>
          {replaying.error !== null && <FailureAlert error={replaying.error} />}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
