"""Writes pacs.002.001.10.xsd down: python3 assemble_pacs_002.py FOLDER_OF_PYISO20022 (see README.md).

Types that pacs.008.001.08 or camt.053.001.08 define are taken from there to the letter: the three messages are of one release, and a
type's name has its version in it. The others are written from pyiso20022's classes, which were generated from ISO's schema.
"""
import dataclasses
import enum
import importlib
import re
import sys
import typing

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"
sys.path.insert(0, sys.argv[1])
module = importlib.import_module("pyiso20022.pacs.pacs_002_001_10.pacs_002_001_10")
classes = {name: value for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__}


def definitions(path):
    text = open(path, encoding="utf-8").read()
    pattern = r'    <xs:(complexType|simpleType) name="([^"]+)">.*?\n    </xs:\1>\n'
    return {found.group(2): found.group(0) for found in re.finditer(pattern, text, re.S)}


known = {**definitions("camt.053.001.08.xsd"), **definitions("pacs.008.001.08.xsd")}
# Texts are named by their bounds, but for members whose values are an external code set.
CODES = {("PaymentTransaction110", "TxSts"): "ExternalPaymentTransactionStatus1Code",
         ("OriginalGroupHeader17", "GrpSts"): "ExternalPaymentGroupStatus1Code",
         ("NumberOfTransactionsPerStatus5", "DtldSts"): "ExternalPaymentTransactionStatus1Code",
         ("StatusReason6Choice", "Cd"): "ExternalStatusReason1Code",
         ("MandateSetupReason1Choice", "Cd"): "ExternalMandateSetupReason1Code"}
missing = {"Exact2NumericText": """    <xs:simpleType name="Exact2NumericText">
        <xs:restriction base="xs:string">
            <xs:pattern value="[0-9]{2}"/>
        </xs:restriction>
    </xs:simpleType>
"""}


def text_type(name, length):
    missing[name] = (f'    <xs:simpleType name="{name}">\n        <xs:restriction base="xs:string">\n'
                     f'            <xs:minLength value="1"/>\n            <xs:maxLength value="{length}"/>\n'
                     "        </xs:restriction>\n    </xs:simpleType>\n")
    return name


def type_of(owner, member, hint, meta):
    arguments = [argument for argument in typing.get_args(hint) if argument is not type(None)] or [hint]
    inner = arguments[0]
    if isinstance(inner, type) and inner.__name__ in classes:
        return spelt(inner.__name__)
    name = getattr(inner, "__name__", str(inner))
    if name == "XmlDateTime":
        return "ISODateTime"
    if name == "XmlDate":
        return "ISODate"
    if name == "bool":
        return "TrueFalseIndicator"
    if name == "Decimal":
        return "DecimalNumber"
    pattern = meta.get("pattern")
    if pattern is not None:
        return {r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}": "UUIDv4Identifier",
                r"[0-9]{1,15}": "Max15NumericText", r"[0-9]{2}": "Exact2NumericText",
                r"[A-Z]{3,3}": "ActiveOrHistoricCurrencyCode"}[pattern]
    if (owner, member) in CODES:
        return text_type(CODES[owner, member], 4)
    name = f"Max{meta['max_length']}Text"
    return name if name in known else text_type(name, meta["max_length"])


def complex_type(name, cls):
    group = "choice" if name.endswith("Choice") else "sequence"
    lines = [f'    <xs:complexType name="{name}">', f"        <xs:{group}>"]
    hints = typing.get_type_hints(cls, vars(module))
    for field in dataclasses.fields(cls):
        meta = dict(field.metadata)
        hint = hints[field.name]
        many = typing.get_origin(hint) is list
        if many:
            hint = typing.get_args(hint)[0]
        occurs = ""
        if many:
            most = meta.get("max_occurs")
            occurs += f' maxOccurs="{most or "unbounded"}"'
            if not meta.get("min_occurs"):
                occurs += ' minOccurs="0"'
        elif not meta.get("required") and group == "sequence":
            occurs = ' minOccurs="0"'
        lines.append(f'            <xs:element{occurs} name="{meta["name"]}" type="{type_of(name, meta["name"], hint, meta)}"/>')
    return "\n".join([*lines, f"        </xs:{group}>", "    </xs:complexType>", ""])


def enumeration(name, cls):
    lines = [f'    <xs:simpleType name="{name}">', '        <xs:restriction base="xs:string">']
    lines += [f'            <xs:enumeration value="{member.value}"/>' for member in cls]
    return "\n".join([*lines, "        </xs:restriction>", "    </xs:simpleType>", ""])


def spelt(name):
    return name.replace("FitoFipayment", "FIToFIPayment")


own = {}
for name, cls in classes.items():
    if name in known or name == "Document":
        continue
    if issubclass(cls, enum.Enum):
        own[name] = enumeration(name, cls)
    elif dataclasses.is_dataclass(cls):
        own[spelt(name)] = complex_type(spelt(name), cls)
own["Document"] = complex_type("Document", classes["Document"])
own.update(missing)
chosen = {}
waiting = list(own)
while waiting:
    name = waiting.pop()
    if name in chosen:
        continue
    text = own.get(name) or known[name]
    chosen[name] = text
    waiting += re.findall(r'(?:type|base)="(?!xs:)([^"]+)"', text)
print('<?xml version="1.0" encoding="UTF-8"?>')
print(f'<xs:schema xmlns="{NAMESPACE}" xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" targetNamespace="{NAMESPACE}">')
print('    <xs:element name="Document" type="Document"/>')
print("".join(chosen[name] for name in sorted(chosen)), end="")
print("</xs:schema>")
print(f"{len(chosen)} types, {len(own)} of them written from the classes: {sorted(own)}", file=sys.stderr)
