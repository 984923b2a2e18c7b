import { getAddress, isAddress, isHexString } from "ethers";

import type { Deployment } from "../../sdk/deployment.ts";
import { ADMIN_ROLE, COMPLIANCE_ROLE, GUARD_ROLE } from "./roles-of-deployment.ts";

export const EXPECTED_ROLES_FORMAT = "corridor-roles/1";

export interface ExpectedMember {
  readonly role: bigint;
  readonly account: string;
  /** The shortest delay between scheduling and executing. {s} */
  readonly leastDelay: number;
}

/** Who should be able to do what; whatever else is found was not announced. */
export interface ExpectedRoles {
  readonly members: readonly ExpectedMember[];
  /** Who administers a role, and who may cancel what its members scheduled; of a role that is not named, the administrators. */
  readonly admins: ReadonlyMap<bigint, bigint>;
  readonly guardians: ReadonlyMap<bigint, bigint>;
  /** Of the Exchange's administration and of grants of the guard's role. {s} */
  readonly guardDelay: number;
  /** Ids of scheduled operations that are known. */
  readonly operations: readonly string[];
}

/** A text that does not say what is expected; `field` says where. */
export class ExpectedRolesError extends Error {
  constructor(
    readonly field: string,
    expected: string,
  ) {
    super(`${field === "" ? "The file of expected roles" : `${field} of the file of expected roles`} is ${expected}`);
    this.name = "ExpectedRolesError";
  }
}

/** What the deployment's file says of roles. */
export function expectedOf({ roles }: Deployment): ExpectedRoles {
  const { admin, compliance, guard, guardDelay } = roles;
  return {
    members: [
      { role: ADMIN_ROLE, account: admin, leastDelay: 0 },
      { role: COMPLIANCE_ROLE, account: compliance, leastDelay: 0 },
      { role: GUARD_ROLE, account: guard, leastDelay: guardDelay },
    ],
    ...{ admins: new Map<bigint, bigint>(), guardians: new Map<bigint, bigint>(), guardDelay, operations: [] },
  };
}

type Json = Readonly<Record<string, unknown>>;

/**
 * What a file says beside the deployment's. Its members take the place of the deployment's in the roles that it names.
 * @throws ExpectedRolesError
 */
export function expectedBeside(own: ExpectedRoles, text: string): ExpectedRoles {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ExpectedRolesError("", "JSON");
  }
  const { format, members = [], admins = {}, guardians = {}, operations = [], ...others } = objectOf(value, "");
  if (format !== EXPECTED_ROLES_FORMAT) throw new ExpectedRolesError("format", EXPECTED_ROLES_FORMAT);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ExpectedRolesError(unknown, "not known");
  if (!Array.isArray(members)) throw new ExpectedRolesError("members", "a list");
  if (!Array.isArray(operations)) throw new ExpectedRolesError("operations", "a list");
  const given = members.map((member: unknown, index) => memberOf(member, `members.${index}`));
  const named = new Set(given.map(({ role }) => role));
  return {
    members: [...own.members.filter(({ role }) => !named.has(role)), ...given],
    admins: rolesOf(admins, "admins"),
    guardians: rolesOf(guardians, "guardians"),
    guardDelay: own.guardDelay,
    operations: operations.map((id: unknown, index) => {
      if (!isHexString(id, 32))
        throw new ExpectedRolesError(`operations.${index}`, "an operation's id of 32 bytes in hex");
      return id.toLowerCase();
    }),
  };
}

function memberOf(value: unknown, field: string): ExpectedMember {
  const { role, account, delay } = objectOf(value, field);
  if (typeof account !== "string" || !isAddress(account)) {
    throw new ExpectedRolesError(`${field}.account`, "an address with a valid checksum");
  }
  if (typeof delay !== "number" || !Number.isSafeInteger(delay) || delay < 0) {
    throw new ExpectedRolesError(`${field}.delay`, "a whole number of seconds");
  }
  return { role: roleOf(role, `${field}.role`), account: getAddress(account), leastDelay: delay };
}

function rolesOf(value: unknown, field: string): ReadonlyMap<bigint, bigint> {
  return new Map(
    Object.entries(objectOf(value, field)).map(([of, role]) => [
      roleOf(of, `${field}.${of}`),
      roleOf(role, `${field}.${of}`),
    ]),
  );
}

function roleOf(value: unknown, field: string): bigint {
  const text = String(value);
  const isRole = (typeof value === "string" || typeof value === "number") && /^\d{1,20}$/.test(text);
  if (isRole && BigInt(text) < 2n ** 64n) return BigInt(text);
  throw new ExpectedRolesError(field, "a role's number, of 64 bits");
}

function objectOf(value: unknown, field: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new ExpectedRolesError(field, "an object");
}
