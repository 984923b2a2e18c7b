import { Text, type TextProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A time as people write it here. @param at Unix seconds, or by RFC 3339. */
export function TimeText({ at, ...props }: { at: string | number | bigint } & TextProps) {
  const { i18n } = useTranslation();
  const date = readTime(at);
  const text = new Intl.DateTimeFormat(i18n.resolvedLanguage ?? "en", {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(date);
  return (
    <Text component="span" inherit {...props}>
      <time dateTime={date.toISOString()}>{text}</time>
    </Text>
  );
}

export function readTime(at: string | number | bigint): Date {
  const text = String(at);
  return new Date(/^\d+$/.test(text) ? Number(text) * 1_000 : text);
}
