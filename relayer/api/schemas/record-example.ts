import type { RemittanceRecord } from "../../../sdk/remittance/remittance-record.ts";

/** A record as the description and the tests show it. Nobody in it lives. */
export const EXAMPLE_RECORD: RemittanceRecord = {
  format: "corridor-remittance",
  version: "1",
  reference: "INV-2026-0117",
  issuedOn: "2026-10-01",
  dueOn: "2026-10-31",
  uetr: "5f3a2c1e-9b4d-4c7f-a012-3456789abcde",
  purpose: "GDDS",
  currency: "EUR",
  payer: {
    account: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    naturalPerson: {
      name: {
        nameIdentifier: [
          { primaryIdentifier: "Nakamura", secondaryIdentifier: "Yui", nameIdentifierType: "LEGL" },
          { primaryIdentifier: "中村", secondaryIdentifier: "結衣", nameIdentifierType: "MISC" },
        ],
      },
      geographicAddress: [
        {
          addressType: "HOME",
          streetName: "Kawaramachi-dori",
          buildingNumber: "251",
          postCode: "600-8001",
          townName: "Kyoto",
          country: "JP",
        },
      ],
      dateAndPlaceOfBirth: { dateOfBirth: "1990-04-12", placeOfBirth: "Osaka" },
      countryOfResidence: "JP",
    },
  },
  payee: {
    account: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    legalPerson: {
      name: {
        nameIdentifier: [{ legalPersonName: "Olaria do Tejo, Lda.", legalPersonNameIdentifierType: "LEGL" }],
      },
      geographicAddress: [
        {
          addressType: "BIZZ",
          addressLine: ["Rua da Bica 12"],
          postCode: "1200-054",
          townName: "Lisboa",
          country: "PT",
        },
      ],
      nationalIdentification: { nationalIdentifier: "PT501234567", nationalIdentifierType: "TXID" },
      countryOfRegistration: "PT",
    },
  },
  goods: [
    {
      description: "Dinner plate, glazed stoneware, 27 cm",
      commodityCode: "69120025",
      originCountry: "PT",
      quantity: "6",
      unit: "C62",
      netWeightKg: "4.8",
      unitPrice: "14.50",
      amount: "87.00",
      taxRate: "0",
    },
    {
      description: "Serving bowl, glazed stoneware, 32 cm",
      commodityCode: "69120025",
      originCountry: "PT",
      quantity: "1",
      unit: "C62",
      netWeightKg: "1.9",
      unitPrice: "38.00",
      amount: "38.00",
      taxRate: "0",
    },
  ],
  taxes: [{ kind: "VAT", rate: "0", base: "125.00", amount: "0.00" }],
  totals: { net: "125.00", tax: "0.00", gross: "125.00" },
  references: [{ kind: "purchase_order", value: "PO-4471" }],
  note: "Export, exempt from VAT",
};
