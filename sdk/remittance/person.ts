import { z } from "zod";

import { account, country, date, isLei, listOf, oneOf, text } from "./field-shapes.ts";

/**
 * Persons as the interVASP Messaging Standard IVMS 101 has them (issue 1, 2020), with its names of members, so that a travel-rule message
 * takes them as they are. https://intervasp.org
 */
const address = z
  .strictObject(
    {
      addressType: oneOf(["HOME", "BIZZ", "GEOG"]),
      department: text(50).optional(),
      subDepartment: text(70).optional(),
      streetName: text(70).optional(),
      buildingNumber: text(16).optional(),
      buildingName: text(35).optional(),
      floor: text(70).optional(),
      postBox: text(16).optional(),
      room: text(70).optional(),
      postCode: text(16).optional(),
      townName: text(35),
      townLocationName: text(35).optional(),
      districtName: text(35).optional(),
      countrySubDivision: text(35).optional(),
      addressLine: listOf(text(70), 7).optional(),
      country,
    },
    "an address",
  )
  .refine(
    ({ addressLine, streetName, buildingName, buildingNumber }) =>
      addressLine !== undefined ||
      (streetName !== undefined && (buildingName !== undefined || buildingNumber !== undefined)),
    "an address with an addressLine, or a streetName and a buildingName or buildingNumber",
  );

const OF_LEGAL_PERSONS = ["RAID", "MISC", "LEIX", "TXID"];

const nationalIdentification = z
  .strictObject(
    {
      nationalIdentifier: text(35),
      nationalIdentifierType: oneOf(["ARNU", "CCPT", "RAID", "DRLC", "FIIN", "TXID", "SOCS", "IDCD", "LEIX", "MISC"]),
      countryOfIssue: country.optional(),
      registrationAuthority: text(35).optional(),
    },
    "an identification",
  )
  .refine(
    ({ nationalIdentifier, nationalIdentifierType }) => nationalIdentifierType !== "LEIX" || isLei(nationalIdentifier),
    { message: "a legal entity identifier (ISO 17442)", path: ["nationalIdentifier"] },
  );

const LEGAL_NAME = { message: "names with one of the type LEGL among them", path: ["name", "nameIdentifier"] };

const personName = z.strictObject(
  {
    primaryIdentifier: text(100),
    secondaryIdentifier: text(100).optional(),
    nameIdentifierType: oneOf(["ALIA", "BIRT", "MAID", "LEGL", "MISC"]),
  },
  "a name",
);
const firmName = z.strictObject(
  { legalPersonName: text(100), legalPersonNameIdentifierType: oneOf(["LEGL", "SHRT", "TRAD"]) },
  "a name",
);

function namesOf<T extends z.ZodType>(name: T) {
  return z.strictObject(
    {
      nameIdentifier: listOf(name, 10),
      localNameIdentifier: listOf(name, 10).optional(),
      phoneticNameIdentifier: listOf(name, 10).optional(),
    },
    "names",
  );
}

const naturalPerson = z
  .strictObject(
    {
      name: namesOf(personName),
      geographicAddress: listOf(address, 5).optional(),
      nationalIdentification: nationalIdentification.optional(),
      customerIdentification: text(50).optional(),
      dateAndPlaceOfBirth: z.strictObject({ dateOfBirth: date, placeOfBirth: text(70) }, "day and place").optional(),
      countryOfResidence: country.optional(),
    },
    "a natural person",
  )
  .refine(({ name }) => name.nameIdentifier.some((each) => each.nameIdentifierType === "LEGL"), LEGAL_NAME);

export const legalPerson = z
  .strictObject(
    {
      name: namesOf(firmName),
      geographicAddress: listOf(address, 5).optional(),
      customerNumber: text(50).optional(),
      nationalIdentification: nationalIdentification
        .refine(({ nationalIdentifierType }) => OF_LEGAL_PERSONS.includes(nationalIdentifierType), {
          message: `one of ${OF_LEGAL_PERSONS.join(", ")}`,
          path: ["nationalIdentifierType"],
        })
        .optional(),
      countryOfRegistration: country.optional(),
    },
    "a legal person",
  )
  .refine(({ name }) => name.nameIdentifier.some((each) => each.legalPersonNameIdentifierType === "LEGL"), LEGAL_NAME);

const PARTY = "a naturalPerson or a legalPerson, and perhaps an account";

/** Who pays or is paid. `account` is where on the chain. */
export const party = z
  .strictObject(
    { account: account.optional(), naturalPerson: naturalPerson.optional(), legalPerson: legalPerson.optional() },
    PARTY,
  )
  .refine((value) => (value.naturalPerson === undefined) !== (value.legalPerson === undefined), PARTY);
