import { Link } from "@tanstack/react-router";
import type { ComponentPropsWithoutRef } from "react";

/** Leads to what the chain says about something. */
export function RecordLink({
  kind,
  value,
  ...props
}: { kind: "payments" | "accounts" | "transactions"; value: string } & Omit<ComponentPropsWithoutRef<"a">, "href">) {
  return <Link {...(props as object)} to={`/audit/${kind}/${value}` as never} />;
}
