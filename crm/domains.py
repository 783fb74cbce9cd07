"""Mail domains in one form, however a person or a header writes them."""

from __future__ import annotations

from collections.abc import Collection


def canonical_domain(domain: str) -> str:
    """Lower case, without "@" and final dot, international names as on the wire: `Müller.example` → `xn--mller-kva.example`.

    The wire form also tells a look-alike in another alphabet from the name it imitates.
    """
    bare = domain.strip().lower().lstrip("@").rstrip(".")
    if bare.isascii():
        return bare
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:  # too long, or not a name at all: it can still equal itself
        return bare


def canonical_address(address: str) -> str:
    """Lower case, the domain in its one form."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local}{at}{canonical_domain(domain)}" if at else domain


def domain_of(address: str) -> str:
    return canonical_domain(address.rpartition("@")[2])


def within(domain: str, domains: Collection[str]) -> str:
    """Which of `domains` this one is, or is a subdomain of; the longest, or ""."""
    while "." in domain:
        if domain in domains:
            return domain
        domain = domain.partition(".")[2]
    return ""
