"""Who writes: everybody in the mailbox, with the mail program and signature they use."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.scenario.story import CSM, Client, Correspondent, Language, parse_person

CSM_ADDRESS = "ana.torres@lealup.example"
CSM_ALIAS = "ana@lealup.example"

_CSM_TITLES: dict[Language, str] = {
    "en": "Customer Success Manager | LealUp",
    "es": "Responsable de Éxito del Cliente | LealUp",
    "pt": "Gestora de Sucesso do Cliente | LealUp",
}
_PHONE_SIGNATURES: dict[Language, str] = {
    "en": "Sent from my iPhone",
    "es": "Enviado desde mi iPhone",
    "pt": "Enviado do meu iPhone",
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A name with an address, and the program that sends for it."""

    name: str
    email: str
    client: Client
    signature: str = ""

    @property
    def domain(self) -> str:
        return self.email.partition("@")[2]

    @property
    def is_csm(self) -> bool:
        return self.email in (CSM_ADDRESS, CSM_ALIAS)

    def signature_in(self, language: Language) -> str:
        """What the program puts below a mail in this language; Ana keeps one signature a language."""
        if self.is_csm:
            return f"Ana Torres\n{_CSM_TITLES[language]}\n+34 910 555 014 | lealup.example"
        if self.client == "mobile" and not self.signature:
            return _PHONE_SIGNATURES[language]
        return self.signature.strip("\n")


ANA = Person(name="Ana Torres", email=CSM_ADDRESS, client="gmail")


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Finds the person behind a contact key of one file, or behind `Name <address>` of any file."""

    by_key: dict[str, Person]
    by_address: dict[str, Person] = field(default_factory=dict)

    def find(self, reference: str) -> Person:
        """A checked reference; an address that no file describes is taken to use Gmail."""
        if reference in self.by_key:
            return self.by_key[reference]
        parsed = parse_person(reference)
        if parsed is None:
            raise KeyError(reference)
        name, email = parsed
        return self.by_address.get(email.lower()) or Person(name=name, email=email, client="gmail")


def directory(contacts: Iterable[Correspondent], everybody: Iterable[Correspondent]) -> Directory:
    """The directory of one file: its own keys, and the addresses of all files."""
    own = {contact.key: _person(contact) for contact in contacts}
    return Directory(
        by_key={CSM: ANA, **own},
        by_address={CSM_ADDRESS: ANA, **{contact.email.lower(): _person(contact) for contact in everybody}},
    )


def _person(contact: Correspondent) -> Person:
    return Person(name=contact.name, email=contact.email, client=contact.client, signature=contact.signature)
