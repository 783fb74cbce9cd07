"""Everyday words of a question that no mail has to hold: "¿y sirvió?", "did it help?", "o que tá pegando?".

What such words ask is told by the meaning of the whole question. A word that stands behind an article is a thing, and counts.
"""

from __future__ import annotations

import re
from functools import cache

from agent.dates import CALENDAR_WORDS
from crm.folding import fold
from crm.signals.inflection import english_verb, portuguese_verb, spanish_verb

# What a question is framed with, and no topic is.
FILLER = frozenset(
    """
    if not things thing get gets better will going threaten threatened told they stand stands where now than
    si no nao amenazo amenaza ameacou ameaca mejor melhor va van vai vao ir
    a an the any some of on in at to for from with about and or by is are was were be been do does did has have had how what which who
    whom when where why this that these those it its we our us i my me you your they them their he she her his anybody anyone
    somebody someone customer customers client clients company companies email emails mail mails message messages mention mentioned
    mentions mentioning say said talk talked talking speak spoke discuss discussed discussion write wrote written ask asked word words
    tell show find list give please could would can there been all every ever happen happened complain complains complained complaining keeps use used
    un una unos unas el la los las lo de del al en con por para sobre acerca y o e que quien quienes cual cuales cuando donde como
    es son fue fueron ha han hay ser estar este esta estos estas ese esa eso algun alguna alguno algunos algunas alguien cliente
    clientes correo correos mensaje mensajes menciono mencionado mencionan mencionaron mencionar dijo dijeron hablo hablado hablamos
    hablaron hablo se trato tratado discutio discutido escribio escribieron pregunto preguntaron palabra nos su sus mi mis me te
    um uma uns umas o os as do da dos das no na nos nas ao aos com em pelo pela sobre acerca quem qual quais quando onde foi foram
    tem houve ha ser este esta isso isto algum alguma alguns algumas alguem mencionou mencionado mencionaram mencionar disse disseram
    falou falado falamos falaram discutiu discutido discutimos escreveu escreveram perguntou perguntaram palavra mensagem mensagens
    com nossa nosso meu minha seu sua queixou queixaram reclamou reclamaram reclama reclamam reclamando queixam queixando anda
    estao estan quejo quejaron quejan quejando catch
    change changes changed changing cambio cambios cambia cambiado cambiaron mudou mudado mudaram mudanca mudancas
    gone how's what's who's compare compara comparar opina opinan opinion opinions opinar acha acham think thinks
    then entonces entao sent send mande mandado mandei enviei enviado
    new newest nuevo nuevos nueva nuevas novo novos nova novas
    hora horas longest punto pe ponto currently current actual atual ahora agora why porque motivo razon razao reason reasons
    open abierto abiertos abierta abiertas aberto abertos aberta abertas status estado situacion situacao
    exchanged exchanging intercambiado intercambiamos intercambiaron cruzado cruzamos habido dio dieron dimos
    pide piden pedia pedian queria querian opino opinaron parecio quedo quedamos quedaron acabo acabaron conto contaron estamos estais
    trocamos trocaram trocados trocado houve deu deram achou acharam contou ficou ficaram ficamos acabou acabaram queriam estamos
    long many much often cuantos cuantas cuanto cuanta quantos quantas quanto quanta veces vezes frecuencia frequencia
    """.split()
)
_ENGLISH = """help work like love dislike hate please annoy bother upset fix solve resolve sort settle handle manage decide react respond improve
    agree accept refuse promise owe expect require insist complain request prepare brief prep join use try explain mean matter worry
    concern feel want need ask keep stay remain miss lack wait finish end start begin happen turn learn notice seem look sound stand take ship
    suggest propose claim argue follow bring hear appreciate enjoy struggle consider""".split()
_SPANISH = """ayudar servir funcionar gustar encantar molestar enfadar arreglar solucionar resolver quedar llevar encargar decidir reaccionar responder contestar
    mejorar aceptar rechazar ofrecer prometer deber esperar exigir pedir reclamar quejar necesitar preparar usar explicar
    significar importar preocupar sentir faltar tardar acabar terminar empezar pasar encontrar opinar parecer proponer plantear sugerir
    agradecer comentar seguir andar pensar nombrar mencionar citar mirar ver considerar""".split()
_PORTUGUESE = """ajudar servir funcionar gostar adorar incomodar chatear consertar arrumar resolver solucionar ficar levar cuidar decidir reagir responder melhorar
    aceitar recusar oferecer prometer dever esperar exigir pedir reclamar queixar precisar preparar usar explicar significar
    importar preocupar sentir faltar demorar acabar terminar encontrar opinar parecer sugerir agradecer comentar seguir andar
    pensar pegar mandar mencionar citar nomear olhar ver considerar""".split()
_IRREGULAR = """named liked felt meant kept brought took taken stood upset left given gave
    pidio pidieron piden pide sirvio sirvieron sirve sintio siente sienten propuso propusieron propusimos propuse quedo quiso quisieron puso pusieron hizo
    tuvo tuvieron dijeron supo resuelto dispuesto sigue siguen siguio parece piensa piensan encuentra
    pos pediu pediram sentiu propos propuseram quis quiseram soube teve tiveram segue seguem serve serviu quer gustara pede pedem diga manda
    tiene tienen tengo tenemos tenia tenian teniamos tuve tuvimos tenido dice dicen digo decimos dije dijimos decia decian dicho hace hacen hago hacemos hice
    hicimos hicieron hacia hacian hecho quiere quieren quise pudo pudieron puede pueden sabe saben sabia sabian viene vienen vino vinieron puse pusimos pone ponen
    ve ven vio vieron visto fui fuimos iba iban era eran estaba estaban estuvo habia habian hubo doy dimos diste
    tem tenho temos tinha tinham tive tivemos diz dizem digo dizemos disse dissemos dizia diziam dito faz fazem faco fazemos fiz fizemos fizeram fazia feito
    quer querem quisemos pode podem pude pudemos sabe sabem sabia vem vieram veio ponho poe poem via viu viram visto ia iam era eram estava estavam esteve
    havia houve dei demos trouxe trouxeram trazem
    told tells tell said says gave gives give did does do had has have made makes make took takes take came comes come went goes go got gets get
    saw sees see knew knows know thought thinks think found finds find put puts let lets ran runs run wrote writes write""".split()
_PLAIN = """ok okay well really actually else exactly flat outright completely anyway yet pleased happy sure fine yes far kind sort opinion view position reaction outcome
    result results side sides figure figures there stuff call calls prep line everything trouble bit lot owing owed minute minutes min mins
    pega pegas vale bueno oye verdad lado lados finalmente final finales claro rollo exactamente cosa cosas resultado resultados llamada llamadas
    reaccion postura minuto minutos conversa realmente ultimamente bien mal mejor peor contento contenta contentos
    unhappy angry annoyed dissatisfied satisfied descontento descontenta enfadado enfadada insatisfeito insatisfeita satisfecho satisfeito
    decime dime deixa ahi aqui alli irse ido la ali letras nisso disso nesse nessa uno una podia poderia podian podria podrian da das dan daba daban dado dizia decia cifra cifras
    spring summer autumn winter primavera verano verao otono outono invierno inverno
    dia dias day days date fecha data
    ne entao ta to beleza ligacao chamada reuniao reunion resposta exatamente afinal tudo bem melhor pior contente time gente aqui reacao""".split()
_ARTICLE = re.compile(
    r"(?:\b(?:the|these|those|an?|our|my|your|their|his|her|its|any|el|la|los|las|una?|unos|unas|este|esta|estos|estas|es[ae]s?"
    r"|su|sus|nuestr[oa]s?|mi|mis|del|al|os?|as?|ums?|umas?|ess[ae]s?|seus?|suas?|noss[oa]s?|meus?|minhas?|d[oa]s?|n[oa]|pel[oa]s?)\s+|['-])$"
)
_ADVERB = re.compile(
    r"\w{4,}mente|(?:real|clear|definite|final|actual|explicit|complete|total|open|honest)ly|expressly"
)
_JOBS = "cfo ceo coo cto ciso director directora diretor diretora gerente manager boss jefe jefa chefe".split()
_NEVER_A_THING = frozenset(
    "side sides lado lados letras la ali nisso disso time gente call calls llamada llamadas ligacao chamada reuniao reunion line end final".split()
    + _JOBS
    + "spring summer autumn winter primavera verano verao otono outono invierno inverno".split()
)


def telling(words: str, question: str) -> list[str]:
    """Those of the words of a question that a mail about it would hold, in some form or language."""
    plain = fold(question)
    return [word for word in words.split() if not _says_little(fold(word), plain)]


def _says_little(word: str, question: str) -> bool:
    if _ADVERB.fullmatch(word):
        return True
    if word not in _everyday():
        return False
    return word in _NEVER_A_THING or word in FILLER or not _as_a_thing(word, question)


def _as_a_thing(word: str, question: str) -> bool:
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question)
    return found is not None and _ARTICLE.search(question[: found.start()]) is not None


@cache
def _everyday() -> frozenset[str]:
    forms = {*_IRREGULAR, *_PLAIN, *_JOBS, *FILLER, *CALENDAR_WORDS}
    for verbs, inflect in ((_ENGLISH, english_verb), (_SPANISH, spanish_verb), (_PORTUGUESE, portuguese_verb)):
        forms.update(fold(form) for verb in verbs for form in inflect(verb))
    return frozenset(fold(form) for form in forms)
