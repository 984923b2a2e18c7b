import { Anchor, Button, Card, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { ListFooter } from "../payments/list-footer.tsx";
import { RequestBadge } from "./request-badge.tsx";

export function RequestsPage() {
  const { t } = useTranslation("merchant");
  const { address } = useMerchant();
  const list = useInfiniteQuery({
    queryKey: ["requests", address],
    queryFn: ({ pageParam }) =>
      client.paymentRequests({ merchant: address, ...(pageParam === "" ? {} : { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  const requests = list.data?.pages.flatMap((page) => page.paymentRequests) ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>{t("requests.title")}</Title>
        <Button
          leftSection={<IconPlus size="1rem" aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/merchant/requests/new" />}
        >
          {t("requests.new")}
        </Button>
      </Group>
      {requests.length > 0 && (
        <>
          <RequestTable requests={requests} />
          <RequestCards requests={requests} />
        </>
      )}
      <ListFooter query={list} count={requests.length} empty={t("requests.none")} />
    </Stack>
  );
}

interface Requests {
  readonly requests: readonly PaymentRequestView[];
}

function RequestTable({ requests }: Requests) {
  const { t } = useTranslation("merchant");
  return (
    <Table.ScrollContainer minWidth={640} visibleFrom="sm">
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("requests.what")}</Table.Th>
            <Table.Th>{t("requests.amount")}</Table.Th>
            <Table.Th>{t("requests.status")}</Table.Th>
            <Table.Th>{t("requests.capture")}</Table.Th>
            <Table.Th>{t("requests.payments")}</Table.Th>
            <Table.Th>{t("requests.expires")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {requests.map((request) => (
            <Table.Tr key={request.id}>
              <Table.Td>
                <RequestLink request={request} />
              </Table.Td>
              <Table.Td fw={600}>
                <Amount token={request.token} value={request.amount} />
              </Table.Td>
              <Table.Td>
                <RequestBadge request={request} />
              </Table.Td>
              <Table.Td>{t(`requests.captures.${request.capture}`)}</Table.Td>
              <Table.Td>{request.payments}</Table.Td>
              <Table.Td>
                <TimeText at={request.expiresAt} size="sm" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function RequestCards({ requests }: Requests) {
  const { t } = useTranslation("merchant");
  return (
    <Stack hiddenFrom="sm" gap="sm">
      {requests.map((request) => (
        <Card key={request.id} withBorder padding="sm">
          <Group justify="space-between" gap="xs">
            <Text fw={600}>
              <Amount token={request.token} value={request.amount} />
            </Text>
            <RequestBadge request={request} />
          </Group>
          <RequestLink request={request} />
          <Text size="sm" c="dimmed" mt={4}>
            {t("requests.expires")} <TimeText at={request.expiresAt} /> ·{" "}
            {t("requests.paymentCount", { count: request.payments })}
          </Text>
        </Card>
      ))}
    </Stack>
  );
}

function RequestLink({ request: { id, title } }: { request: PaymentRequestView }) {
  const { t } = useTranslation("merchant");
  return (
    <Anchor
      size="sm"
      style={{ overflowWrap: "anywhere" }}
      renderRoot={(props) => <Link {...props} to="/merchant/requests/$requestId" params={{ requestId: id }} />}
    >
      {title ?? t("requests.untitled", { id: id.slice(0, 8) })}
    </Anchor>
  );
}
