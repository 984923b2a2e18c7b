import { Button, Center, Loader, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { FailureAlert } from "../frame/failure-alert.tsx";

interface Props {
  readonly query: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): Promise<unknown>;
  };
  readonly count: number;
  /** What is said of an empty list. */
  readonly empty: string;
}

/** The end of a list that comes in pages: loading, failed, empty, or more of it. */
export function ListFooter({ query, count, empty }: Props) {
  const { t } = useTranslation("merchant");
  if (query.error !== null) return <FailureAlert error={query.error} />;
  if (query.isPending) {
    return (
      <Center mih={160}>
        <Loader role="status" aria-label={t("payments.loading")} />
      </Center>
    );
  }
  if (count === 0) {
    return (
      <Text c="dimmed" py="xl" ta="center">
        {empty}
      </Text>
    );
  }
  if (!query.hasNextPage) return null;
  return (
    <Button
      variant="default"
      mx="auto"
      loading={query.isFetchingNextPage}
      onClick={() => {
        void query.fetchNextPage();
      }}
    >
      {t("payments.more")}
    </Button>
  );
}
