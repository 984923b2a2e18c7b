import { Alert, Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { RecordError } from "../../../sdk/record/record-error.ts";
import { RpcError } from "../../../sdk/record/rpc.ts";
import { useSource } from "./source-context.ts";
import type { ChainRead } from "./use-chain-read.ts";

/** What is shown of a reading: how far it is, why it failed, or what was read. */
export function ReadState<T>({ read, children }: { read: ChainRead<T>; children: (data: T) => ReactNode }) {
  const { t, i18n } = useTranslation("auditor");
  const { source } = useSource();
  if (source === undefined) return <Alert color="yellow">{t("node.none")}</Alert>;
  if (read.isReading) return <Reading read={read} />;
  if (read.error !== null) {
    const failure = failureOf(read.error);
    return (
      <Alert color="red" role="alert" title={t("read.failed")}>
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{t(`failures.${failure}`, { origin: window.location.origin })}</Text>
          <Text size="xs" style={{ overflowWrap: "anywhere" }}>
            {read.error.message}
          </Text>
          <Button size="xs" variant="default" onClick={read.again}>
            {t("read.again")}
          </Button>
        </Stack>
      </Alert>
    );
  }
  if (read.data === undefined) {
    return (
      <Paper withBorder p="md">
        <Group justify="space-between">
          <Text size="sm">{t("read.cancelled")}</Text>
          <Button size="xs" onClick={read.again}>
            {t("read.again")}
          </Button>
        </Group>
      </Paper>
    );
  }
  return <div key={i18n.resolvedLanguage}>{children(read.data)}</div>;
}

function Reading<T>({ read }: { read: ChainRead<T> }) {
  const { t, i18n } = useTranslation("auditor");
  const { progress } = read;
  const number = new Intl.NumberFormat(i18n.resolvedLanguage);
  const share =
    progress === undefined
      ? 0
      : ((progress.done - progress.fromBlock + 1) / (progress.toBlock - progress.fromBlock + 1)) * 100;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs">
        <Text size="sm" role="status">
          {progress === undefined
            ? t("read.asking")
            : t("read.progress", {
                from: number.format(progress.fromBlock),
                done: number.format(progress.done),
                to: number.format(progress.toBlock),
              })}
        </Text>
        <Button size="xs" variant="default" onClick={read.cancel}>
          {t("read.cancel")}
        </Button>
      </Group>
      <Progress value={share} animated aria-label={t("read.label")} />
    </Paper>
  );
}

function failureOf(error: Error): string {
  if (error instanceof RpcError || error instanceof RecordError) return error.failure;
  return "unknown";
}
