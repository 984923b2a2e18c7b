import { Alert, List, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconCheck, IconQuestionMark, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** One thing that was looked at; `name` is the key of its text. */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "failed" | "unknown";
  readonly reason: string | null;
}

const LOOKS = {
  ok: { color: "teal", Icon: IconCheck },
  failed: { color: "red", Icon: IconX },
  unknown: { color: "gray", Icon: IconQuestionMark },
} as const;

/** What was found, and what it comes to. */
export function FindingList({
  title,
  verdict,
  isGood,
  findings,
}: {
  title: string;
  verdict: string;
  isGood: boolean;
  findings: readonly Finding[];
}) {
  const { t } = useTranslation("auditor");
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Alert role="status" color={isGood ? "teal" : "red"} title={verdict} />
      <List spacing="sm" listStyleType="none">
        {findings.map(({ name, status, reason }) => {
          const { color, Icon } = LOOKS[status];
          return (
            <List.Item
              key={name}
              icon={
                <ThemeIcon color={color} size="sm" radius="xl" aria-hidden>
                  <Icon size="0.9rem" />
                </ThemeIcon>
              }
            >
              <Text>
                {t(`receipt.checks.${name}`)}
                {": "}
                <Text span fw={600}>
                  {t(`receipt.${status}`)}
                </Text>
              </Text>
              {reason !== null && (
                <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  {reason}
                </Text>
              )}
            </List.Item>
          );
        })}
      </List>
    </Stack>
  );
}
