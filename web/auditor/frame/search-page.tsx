import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { readSearch } from "../search-text.ts";
import { SearchResults } from "./search-results.tsx";

/** One box for everything. The text stands in the address, so that a search can be handed on. */
export function SearchPage() {
  const { t } = useTranslation("auditor");
  const navigate = useNavigate();
  const { q }: { readonly q?: unknown } = useSearch({ strict: false });
  const asked = typeof q === "string" ? q : "";
  const [text, setText] = useState(asked);
  const [isTried, setTried] = useState(false);
  const typed = readSearch(text);
  const target = readSearch(asked);
  const isWrong = isTried && (typed.kind === "unreadable" || typed.kind === "bad_checksum");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (typed.kind === "address") {
      void navigate({ to: "/audit/accounts/$address", params: { address: typed.address } } as never);
    } else if (typed.kind === "word") void navigate({ to: "/audit", search: { q: typed.word } } as never);
  };
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          {t("search.title")}
        </Title>
        <Text c="dimmed" maw="42rem">
          {t("search.lead")}
        </Text>
      </div>
      <form onSubmit={submit} role="search">
        <Group align="flex-end" gap="sm">
          <TextInput
            label={t("search.label")}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            error={isWrong ? t(`search.${typed.kind}`) : undefined}
            style={{ flex: "1 1 16rem" }}
            autoComplete="off"
            spellCheck={false}
            size="md"
          />
          <Button type="submit" size="md">
            {t("search.find")}
          </Button>
        </Group>
      </form>
      {target.kind === "word" && <SearchResults word={target.word} />}
    </Stack>
  );
}
