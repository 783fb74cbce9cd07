"""Which customers a mail belongs to: a pure function of its participants (requirements A1, A2, A4, A5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from crm.domains import canonical_address, domain_of
from crm.generic_domains import is_generic

Rule = Literal["domain", "contact", "thread", "manual"]


@dataclass(frozen=True, kw_only=True, order=True)
class Match:
    """One customer a mail belongs to, and why. `detail` is the domain, address or thread that matched."""

    customer_id: int
    rule: Rule
    detail: str


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The customers of one workspace as association needs them; all keys in the form of `crm.domains`.

    `own` holds the addresses of the workspace's own people: they are never a customer.
    """

    domains: Mapping[str, int]
    contacts: Mapping[str, tuple[int, ...]]
    own: frozenset[str] = field(default_factory=frozenset)


def associate(addresses: Iterable[str], directory: Directory) -> tuple[Match, ...]:
    """Match every participant by domain, then by registered contact; a customer is listed once, by its first rule.

    `addresses` are sender and recipients. A domain matches itself and its subdomains, the longest registered one wins.
    Generic domains (gmail.com, …) never match by domain, even when a customer's record holds one.
    """
    found: dict[int, Match] = {}
    unique = sorted({canonical_address(address) for address in addresses if "@" in address} - directory.own)
    for address in unique:
        hit = _by_domain(domain_of(address), directory)
        if hit is not None and hit.customer_id not in found:
            found[hit.customer_id] = hit
    for address in unique:
        for customer_id in directory.contacts.get(address, ()):
            if customer_id not in found:
                found[customer_id] = Match(customer_id=customer_id, rule="contact", detail=address)
    return tuple(sorted(found.values()))


def _by_domain(domain: str, directory: Directory) -> Match | None:
    while "." in domain:
        if is_generic(domain):
            return None
        customer_id = directory.domains.get(domain)
        if customer_id is not None:
            return Match(customer_id=customer_id, rule="domain", detail=domain)
        domain = domain.partition(".")[2]
    return None
