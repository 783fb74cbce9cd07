"""How mailers write what is not new: attributions, header blocks, forwards, signatures, disclaimers.

English, Spanish and Portuguese first; other languages' words are there because customers have neighbours.
Every pattern works on one line or a few joined ones and without nested repetition, so that a mail is read in
linear time.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

_VERB = (
    r"wrote|writes|escribi[óo]|escreveu|escriu|va escriure|a écrit|schrieb|ha scritto|scrisse|schreef"
    r"|het volgende geschreven"
    r"|napisał|pisze|skrev|kirjoitti|написал|пишет|пише|написав|napsal|írta|yazdı|a scris|寫道|写道|のメール"
)
_INTRO = (
    r"on|el|em|no dia|le|am|il|op|den|dnia|dne|w dniu|pe|at|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mi[ée]r?"
    r"|jue|vie|s[áa]b|dom"
    r"|seg|ter|qua|qui|sex|man|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön|пн|вт|ср|чт|пт|сб|вс|нд)[\w-]{0,9}\.?"
)
_EMAIL = r"[^\s<>()\[\]]{1,120}@[^\s<>()\[\]]{1,120}"
_HAS_VERB = re.compile(rf"(?:^|\W)(?:{_VERB})", re.IGNORECASE)
_HAS_EMAIL = re.compile(_EMAIL)
_HAS_DATE = re.compile(
    r"\d{1,2}[:h.]\d{2}|\d{4}|\d{1,2}[/.-]\d{1,2}|\d{1,2}\.? ?(?:de )?[^\W\d]{3,10}|[^\W\d]{3,10} \d{1,2}"
)
_STARTS = re.compile(rf"(?:-{{2,}} ?)?(?:(?:{_INTRO})[\s,]|\d)", re.IGNORECASE)
_ENDS = re.compile(r"(?::|：|: ?-{2,}|(?:wrote|escribió|escreveu) ?-{0,20}|寫道|写道)\s*$", re.IGNORECASE)
# "2013/7/20 Ana <ana@example.com>", as Gmail once wrote it.
_ISO = re.compile(rf"\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}} (?:\d{{1,2}}:\d{{2}} GMT\S+ .{{1,100}}|.{{1,100}}<{_EMAIL}>:?)$")
# ">>> Ana Ruiz <ana@example.com> 3/3/2025 10:00 >>>", as GroupWise writes it.
_BETWEEN_MARKS = re.compile(r">{3} ?[^>\n]{1,120}(?:<[^<>\s]{1,120}>)?[^>\n]{1,60}>{3}\s*$")
# Who tells a story writes of people; a mailer writes a name and a date.
_PROSE = re.compile(
    r"\b(?:i|we|you|they|he|she|this|that|what|which|it|us|our|your|my|yo|nos|nosotros|me|que|lo|nuestr[oa]s?|eu|nós|vocês|eles|isto|isso)\b"
)
_DRESS = re.compile(r"[>\s*_|\u200e\u202f\ufeff]*")
# Yahoo's app writes the first words of the quote on the same line.
_GOES_ON = re.compile(rf"{_EMAIL}>? (?:{_VERB}):[ \u00a0]{{2,}}\S", re.IGNORECASE)
_LONGEST_ATTRIBUTION = 400

_FIELD_FROM = (
    r"from|de|von|da|van|od|från|fra|lähettäjä|от|від|remitente|expéditeur|feladó|от кого"
    r"|发件人|寄件者|差出人"
)
_FIELD_OTHER = (
    r"sent|date|to|subject|cc|bcc|reply-to|importance|enviado(?: el| em)?|enviada(?: em)?|fecha|para|asunto"
    r"|data|assunto|cco"
    r"|gesendet|an|betreff|datum|envoyé|date d'envoi|message du|à|a|objet|copie à|inviato|oggetto|verzonden"
    r"|verstuurd|aan|onderwerp"
    r"|wysłano|wysłane|do|dw|temat|skickat|till|ämne|kopia|sendt|til|emne|dato|lähetetty|vastaanottaja"
    r"|päiväys|aihe|kopio"
    r"|отправлено|дата|кому|тема|копия|надіслано|копія|odesláno|komu|předmět|kopie|主题|收件人|发送时间|日期|主旨|收件者"
    r"|organization|reply to|responder a|encaminhado|a-t|tárgy|címzett|elküldve|aan"
)
# What an itinerary has, too ("De: Madrid / Para: Lisboa / Fecha: …"): these alone are no header block.
_COMMON_FIELD = re.compile(r"(?:date|to|fecha|para|data)\]?[ *\u00a0]{0,3}[:：]", re.IGNORECASE)
_FIELD = re.compile(
    rf"\[?(?:(?P<sender>{_FIELD_FROM})|(?:{_FIELD_OTHER}))\]?[ *\u00a0]{{0,3}}[:：](?!//)", re.IGNORECASE
)

_ORIGINAL_WORDS = (
    r"original message|original appointment|mensaje original|mensagem original|message d.origine"
    r"|message original"
    r"|urspr(?:ü|ue)ngliche nachricht|messaggio originale|oorspronkelijk bericht|oprindelig (?:meddelelse"
    r"|besked)|original(?:t)? ?meddelande"
    r"|ursprungligt meddelande|opprinnelig melding|wiadomość oryginalna|исходное сообщение"
    r"|alkuperäinen viesti|reply message"
    r"|original email|correo original|e-?mail original|původní zpráva|reply above this line"
)
_ORIGINAL = re.compile(rf"[-_=*\s]*(?:{_ORIGINAL_WORDS})[-_=*\s:]*$", re.IGNORECASE)
_FORWARD_WORDS = (
    r"forwarded (?:message|mail|email)|begin forwarded message|mensaje reenviado|correo reenviado"
    r"|inicio del mensaje reenviado"
    r"|mensagem (?:encaminhada|reencaminhada)|in[íi]cio da mensagem (?:encaminhada|reencaminhada)"
    r"|message transféré"
    r"|début du message (?:réexpédié|transféré)|weitergeleitete nachricht|anfang der weitergeleiteten"
    r"|messaggio inoltrato"
    r"|doorgestuurd bericht|vidarebefordrat|videresendt|forwarded by|reenviado por|encaminhado por|forwarding"
)
_FORWARD = re.compile(
    rf"[-_=*\s>]*(?:{_FORWARD_WORDS})(?: (?:by|de|por|from) .{{1,80}})?[-_=*\s:]*(?:$|-{{3,}}.*$)",
    re.IGNORECASE,
)
# The last is the trace of a reading tracker.
_RULE = re.compile(r"[-_=*~+#\s\u2014\u2013\u2500]{2,}$|\W{0,3}-{3,}[^-]{3,60}-{3,}\W{0,3}$|\u1427$")
_LIST_FOOTER = re.compile(r"_{5,}\s*$|__$")
_NAME = re.compile(r"[-–—/~]{1,2} ?[A-ZÀ-Þ][\w.'’-]{0,20}(?: [A-ZÀ-Þ][\w.'’-]{0,20}){0,2}$")

_DEVICE = re.compile(
    r"[<\[(*_\s]*(?:"
    r"(?:sent|send|written|posted) (?:from|via|with|by|using) (?!(?:my desk|the desk|our|your|his"
    r"|her)\b)(?:my |a |an )?.{0,90}"
    r"|from my (?:iphone|ipad|android|mobile|phone|cell).{0,40}|get \[?outlook for .{0,90}"
    r"|get yahoo mail.{0,60}"
    r"|enviado (?:desde|con|por|mediante|a trav[ée]s de) (?:mi |un |una |el |la |yahoo|outlook|correo"
    r"|iphone|ipad|android|samsung|gmail|mail|blackberry|huawei|xiaomi).{0,80}"
    r"|enviad[oa] (?:do|da|de|pelo|pela|a partir do|via|com|por|atrav[ée]s do) (?:meu |minha |um |uma "
    r"|yahoo|outlook|correio|email|e-mail|iphone|ipad|android|samsung|gmail|mail|blackberry|telem[óo]vel"
    r"|celular).{0,80}"
    r"|(?:obtener|obtenga|descargar) outlook para .{0,80}|(?:obter|baixar|obtenha) o? ?outlook para .{0,80}"
    r"|envoyé (?:depuis|de|à partir de) (?:mon|ma|un|outlook|yahoo|l'app).{0,60}|(?:von meinem .{1,40}"
    r"|mit .{1,30}) gesendet.{0,20}|gesendet (?:von|mit) .{1,60}"
    r"|diese nachricht wurde von meinem .{1,90}|inviato da(?:l mio)? .{1,60}|verzonden (?:met|vanaf|via"
    r"|vanuit) .{1,60}|skickat från (?:min|mitt|outlook).{0,60}"
    r"|sendt fra (?:min|mitt|outlook).{0,60}|lähetetty .{1,40}|wysłane z .{1,40}|отправлено (?:с"
    r"|из) .{1,40}|odesláno z .{1,40}|從我的 .{1,20} 傳送|从我的.{1,20}发送"
    r"|someone from mobile|iphoneから送信"
    r")[>\])*_\s]*$",
    re.IGNORECASE,
)
# "Sent via courier, they should arrive today": a sentence, and no mailer's line.
_TOLD = re.compile(
    r"(?i)^(?!.*\b(?:my|mi|meu|minha|app)\b).*\b(?:we|they|he|she|it|should|will|was|were|las|los|hoy|ayer|ontem|hoje)\b"
)
_DELIMITER = re.compile(r"(?:--|__|—|–|- --|-- )\s*$")
_CLOSING = re.compile(
    r"¡?(?:(?:(?:many|thanks and|with|my|warm|warmest|kind|kindest|best|sincere|all the|regards and)\W+)*(?:regards"
    r"|wishes|the best|best|cheers|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|cordially|respectfully|thanks|thank you|many thanks|take care"
    r"|brgds|br|rgds|kr|thx)"
    r"(?:,? (?:and|&) (?:best |kind )?regards|,? again| so much|,? in advance| a lot| very much| for your (?:help|time|support|understanding))*"
    r"|have a (?:great|good|nice|lovely|wonderful) (?:day|week|weekend|evening|one)"
    r"|(?:(?:desde ya|de antemano|muchas|muchísimas|mil|un millón de),? ?)*gracias"
    r"(?:,? (?:y (?:un )?(?:cordial )?saludos?|de antemano|por (?:todo|tu ayuda|su ayuda|vuestra ayuda|su atención|tu atención)))*"
    r"|(?:(?:reciba|recibe|reciban|recibid|te mando|os mando|le envío|les envío)n? )?(?:un )?"
    r"(?:muy )?(?:cordial(?:es)?|atento|afectuoso|fuerte|gran)? ?(?:saludos?|abrazos?)"
    r"(?: (?:muy )?(?:cordial(?:es)?|afectuosos?|a todos|atentos?|fuerte|y gracias))*"
    r"|(?:muy )?atentamente|atte|cordialmente|quedo (?:atent[oa]|a la espera|a (?:tu|su|vuestra) (?:entera )?disposición)(?: .{0,40})?"
    r"|sin otro particular(?:,? .{0,40})?|respetuosamente|slds|besos"
    r"|(?:desde já,? |muito )*obrigad[oa](?: (?:e (?:um )?abraços?|desde já|pela atenção|pela ajuda))*"
    r"|(?:com os )?(?:melhores |meus )?cumprimentos|(?:um )?(?:grande |forte )?abraços?|abs|bjs|beijos|att|at\.te"
    r"|atenciosamente|(?:muito |desde já,? )?grat[oa](?: desde já)?|(?:cordiais )?sauda[çc][õo]es(?: cordiais)?|sds"
    r"|fico (?:à (?:sua )?disposição|no aguardo)|no aguardo"
    r"|mit freundlichen gr(?:ü|ue)(?:ß|ss)en|(?:viele|beste|liebe|freundliche|herzliche) gr(?:ü|ue)(?:ß"
    r"|ss)e|mfg|(?:bien )?cordialement|(?:cordiali |distinti )?saluti"
    r"|met vriendelijke groet(?:en)?|mvg|(?:med )?v(?:ä|e)nlig(?:a)? h(?:ä|i)ls(?:n|)ing(?:ar)?|mvh"
    r"|med venlig hilsen|(?:venlig|bedste|vennlig) hilsen|kh|hilsen|pozdrawiam|z powa[żz]aniem|s pozdravem)"
    r"[\s,.!;:]*$",
    re.IGNORECASE,
)
# Said after the name all the same.
_POSTSCRIPT = re.compile(
    r"(?:p\.? ?s|p\.? ?d|n\.? ?b)\b[.:)\s-]|(?:post ?(?:scriptum|data)|posdata|pós-escrito)\b", re.IGNORECASE
)
_QUESTION = re.compile(r"¿?(?:[^\s?]+[ \u00a0]+){3,}[^\s?]+\?\s*$")
# What a notice is called; some are called the same and are none, so their first lines have to speak of it.
_NOTICE = re.compile(
    r"[*_\s>]*(?:(?:legal |confidentiality |important |privacy |e-?mail )?(?:disclaimer|notice|confidentiality)\b.{0,30}(?::|$)"
    r"|confidential(?:ity)?[:\s]|confidencial(?:idad(?:e)?)?[:\s]"
    r"|aviso (?:legal|de confidencialidad(?:e)?|de privacidad(?:e)?|importante)|cl[áa]usula de confidencialidad"
    r"|nota (?:legal|de confidencialidad(?:e)?)"
    r"|(?:de (?:conformidad|acuerdo) con|en cumplimiento|conforme a|em conformidade com|de acordo com|nos termos d[ao])\b)",
    re.IGNORECASE,
)
_CONFIDING = re.compile(
    r"confiden[ct]i|privileg|privilegiad|destinat[áa]ri|intended|recipient|disclos|unauthori|no autorizad|não autorizad"
    r"|protec(?:ci[óo]n|ção) de da[dt]os|lgpd|rgpd|gdpr|2016/679|sigilo|por error|por engano|in error|views expressed",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"[*_\s>]*(?:"
    r"this (?:e-?mail|message|communication|transmission)(?: message)?(?:,? (?:and|including) (?:any|all"
    r"|its) .{0,60})?,? (?:is|are|may|contains?|was sent) .{0,40}(?:confidential|privileged|intended"
    r"|proprietary)"
    r"|(?:the )?(?:information|contents?) (?:contained |transmitted )?(?:in|of) this (?:e-?mail|message"
    r"|communication)|if you (?:are not the (?:intended|named)|have received this (?:e-?mail|message))"
    r"|please (?:consider|think of) the environment|(?:before printing|think before you print)|avast"
    r"|virus-free|libre de virus|livre de v[íi]rus|this e-?mail has been (?:scanned|checked)"
    r"|(?:este|esta|la informaci[óo]n|el contenido|el presente|a informa[çc][ãa]o|o conte[úu]do"
    r"|o presente|as informa[çc][õo]es) .{0,60}(?:mensaje|correo|e-?mail|mensagem|comunica|transmi).{0,90}(?:confidencial"
    r"|destinatari|destinat[áa]ri|privilegiad|exclusiv|sigilos)"
    r"|(?:si (?:usted )?no es (?:el|usted el) destinatario|si (?:usted )?(?:ha recibido|recibe|recibi[óo]) este (?:mensaje|correo)"
    r"|caso (?:voc[êe]|n[ãa]o seja) .{0,30}destinat[áa]rio|se (?:voc[êe]"
    r"|n[ãa]o [ée]) .{0,30}destinat[áa]rio|se (?:voc[êe] )?recebeu est[ea])"
    r"|(?:P )?(?:por favor,? )?(?:antes de imprimir|(?:imprima|piense|pense|considere|proteja|respete) .{0,60}"
    r"(?:medio ?ambiente|meio ambiente|natureza|necesario|necess[áa]rio))"
    r")",
    re.IGNORECASE,
)


def undressed(line: str) -> str:
    """Return a line without quote marks, bold marks and spaces around it."""
    match = _DRESS.match(line)
    return line[match.end() if match else 0 :].rstrip(" \t*_\u00a0")


def attribution(lines: Sequence[str], start: int) -> int:
    """Return how many lines from `start` on form "On Monday Ana wrote:", 0 for none."""
    if lines[start].startswith(">>>") and _BETWEEN_MARKS.match(lines[start]) and _HAS_DATE.search(lines[start]):
        return 1
    first = undressed(lines[start])
    if not first or len(first) > _LONGEST_ATTRIBUTION or _FIELD.match(first):
        return 0
    if _ISO.match(first):
        return 1
    if not _STARTS.match(first):
        return _author_first(first, lines, start + 1)
    return _date_first(lines, start)


def _date_first(lines: Sequence[str], start: int) -> int:
    """Count the lines of "On Monday, 3 March 2025, Ana <ana@example.com> wrote:"."""
    pieces = [undressed(line) for line in lines[start : start + 7]]
    if not _HAS_DATE.search(" ".join(pieces)):  # almost every line that looks like a beginning ends here, cheaply
        return 0
    joined = ""
    for count, piece in enumerate(pieces, 1):
        if not piece:
            # Some mailers put the address on its own below a blank line.
            if start + count < len(lines) and lines[start + count].startswith("<"):
                continue
            break
        another = count > 1 and len(piece) > 20 and _STARTS.match(piece) and _HAS_DATE.search(piece)
        joined = f"{joined} {piece}".strip()
        if len(joined) > _LONGEST_ATTRIBUTION or (another and not _HAS_VERB.search(joined.removesuffix(piece))):
            break
        if _ENDS.search(joined) or _GOES_ON.search(joined):
            told = _HAS_DATE.search(joined) and (_HAS_VERB.search(joined) or _HAS_EMAIL.search(joined))
            sure = _HAS_EMAIL.search(joined) or not _PROSE.search(joined) or _quotes_follow(lines, start + count)
            return count if told and sure else 0
    return 0


def _author_first(text: str, lines: Sequence[str], after: int) -> int:
    """Count the lines of "Ana <ana@example.com> wrote on Monday:" and, above a quote, of "Ana wrote:"."""
    verb, email = _HAS_VERB.search(text), _HAS_EMAIL.search(text)
    if not _ENDS.search(text):
        tail = undressed(lines[after]) if after < len(lines) else ""
        return 2 if verb and email and tail and len(tail) < 60 and _ENDS.search(tail) else 0
    quoted = _quotes_follow(lines, after)
    if verb and len(text) < 160:
        return int(bool(email) or (quoted and text.count(" ") < 12))
    return int(bool(quoted and email and _HAS_DATE.search(text)))


def _quotes_follow(lines: Sequence[str], after: int) -> bool:
    return next((line for line in lines[after : after + 3] if line.strip()), "").startswith(">")


def header_block(lines: Sequence[str], start: int) -> bool:
    """True where "From: … Sent: … To: …" begins: a sender and two more fields within a few lines."""
    if not _FIELD.match(undressed(lines[start])):
        return False
    fields, sender, telling, misses = 0, False, False, 0
    for line in lines[start : start + 14]:
        piece = undressed(line)
        if not piece:
            continue
        match = _FIELD.match(piece)
        if match:
            fields, sender, misses = fields + 1, sender or bool(match["sender"]), 0
            telling = telling or "@" in piece or not (match["sender"] or _COMMON_FIELD.match(piece))
        else:
            misses += 1
            if misses > 2:
                break
        if sender and telling and fields >= 3:
            return True
    return False


def is_original(line: str) -> bool:
    """True for "-----Original Message-----" and its kin."""
    return len(line) < 120 and bool(_ORIGINAL.match(undressed(line))) and ("-" in line or "_" in line or "=" in line)


def is_forward(line: str) -> bool:
    """True for "---------- Forwarded message ---------" and its kin."""
    bare = undressed(line)
    return (
        len(line) < 160
        and bool(_FORWARD.match(bare))
        and (bare.endswith((":", "-", "=")) or bare.startswith(("-", "=")))
    )


def is_rule(line: str) -> bool:
    """True for a line drawn with dashes or the like."""
    return bool(_RULE.match(line))


def is_device(line: str) -> bool:
    """True for "Sent from my phone" and its kin."""
    return len(line) < 220 and bool(_DEVICE.match(line)) and not _TOLD.search(line)


def is_delimiter(line: str) -> bool:
    """True for the line above a signature."""
    return bool(_DELIMITER.match(line))


def is_list_footer(line: str) -> bool:
    """True for the underscores that a mailing list or a signature draws above itself."""
    return bool(_LIST_FOOTER.match(line))


def is_name(line: str) -> bool:
    """True for "-Ana" or "— Ana García" below a mail."""
    return len(line) < 60 and bool(_NAME.match(line))


def is_closing(line: str) -> bool:
    """True for a line that holds nothing but "Best regards," and its kin."""
    return len(line) < 60 and bool(_CLOSING.match(line.strip(" *_")))


def is_disclaimer(lines: Sequence[str], index: int) -> bool:
    """True for the first line of a legal or confidentiality notice."""
    line = lines[index][:400]
    if _DISCLAIMER.match(line):
        return True
    called = _NOTICE.match(line)
    if called is None:
        return False
    paragraph = takewhile(str.strip, lines[index : index + 6])
    return bool(_CONFIDING.search(" ".join(paragraph)[called.end() : 800]))


def is_postscript(line: str) -> bool:
    """True for "P.S. …" and for a question, which nobody signs with."""
    return bool(_POSTSCRIPT.match(line) or (len(line) < 400 and _QUESTION.match(line)))
