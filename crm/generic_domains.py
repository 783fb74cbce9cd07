"""Mail providers whose domain says nothing about the company behind an address (requirement A5)."""

from __future__ import annotations

from collections.abc import Iterable

from crm.domains import canonical_domain

GENERIC = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.es outlook.pt outlook.com.br outlook.fr outlook.de outlook.it
    hotmail.com hotmail.es hotmail.fr hotmail.it hotmail.de hotmail.co.uk hotmail.com.br hotmail.com.ar hotmail.com.mx
    live.com live.co.uk live.fr live.com.mx live.com.pt live.com.ar msn.com passport.com
    yahoo.com yahoo.es yahoo.fr yahoo.de yahoo.it yahoo.co.uk yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.co
    yahoo.co.in yahoo.co.jp ymail.com rocketmail.com myyahoo.com
    icloud.com me.com mac.com aol.com aim.com proton.me protonmail.com protonmail.ch pm.me
    gmx.com gmx.de gmx.net gmx.es gmx.at gmx.ch web.de mail.com email.com usa.com consultant.com
    zoho.com zohomail.com zohomail.eu fastmail.com fastmail.fm hey.com tutanota.com tutanota.de tuta.io tuta.com
    tutamail.com mailbox.org posteo.de posteo.net runbox.com hushmail.com mailfence.com startmail.com disroot.org
    riseup.net yandex.com yandex.ru ya.ru mail.ru bk.ru inbox.ru list.ru rambler.ru qq.com foxmail.com 163.com 126.com
    sina.com naver.com daum.net hanmail.net rediffmail.com
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br
    sapo.pt clix.pt iol.pt mail.telepac.pt netcabo.pt vodafone.pt portugalmail.pt
    telefonica.net movistar.es terra.es terra.com ono.com orange.es wanadoo.es ya.com jazztel.es euskaltel.net
    prodigy.net.mx fibertel.com.ar arnet.com.ar ciudad.com.ar speedy.com.ar
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it
    t-online.de freenet.de arcor.de btinternet.com btopenworld.com sky.com virginmedia.com talktalk.net ntlworld.com
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com optonline.net
    rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz
    duck.com simplelogin.com anonaddy.com privaterelay.appleid.com mozmail.com
    """.split()
)


def is_generic(domain: str) -> bool:
    """Whether addresses at this domain belong to private persons of many companies."""
    return canonical_domain(domain) in GENERIC


def generic_warnings(domains: Iterable[str]) -> list[str]:
    """What to tell whoever saves such a domain for a customer (A5)."""
    return [
        f"{canonical_domain(domain)} is a generic domain: mail matches by contact address only"
        for domain in filter(is_generic, domains)
    ]


def own_domain(email: str) -> str:
    """The domain of somebody's company, "" where the address is one of a provider that everybody uses."""
    domain = email.partition("@")[2]
    return "" if is_generic(domain) else domain
