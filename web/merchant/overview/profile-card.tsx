import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { ProfileForm } from "./profile-form.tsx";

/** Who a merchant says she is. */
export function ProfileCard() {
  const { address } = useMerchant();
  const { data, error } = useQuery({
    queryKey: ["profile", address],
    queryFn: () => client.merchantProfile(address),
    staleTime: Infinity,
  });
  if (data !== undefined) return <ProfileForm profile={data} />;
  return error === null ? <Skeleton h={200} /> : <FailureAlert error={error} />;
}
