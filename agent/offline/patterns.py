"""How questions are worded in English, Spanish and Portuguese: folded, without the marks at their ends, slips undone."""

from __future__ import annotations

import re

POLITE = (
    r"^(?:please|por favor|hi|hola|ola)?[ ,]*(?:(?:can|could|would) you|puedes|podrias|voce pode|pode|podes|podrias)? ?"
)
DRAFT = re.compile(
    r"^(?:(?:ok|okay|vale|bueno|bien|alright|great|perfect[oa]?|gracias|thanks|entonces|entao|then|now|ahora|agora|e|y|and|so)[,.:;]? )*"
    + POLITE.removeprefix("^")
    + r"(?:please |por favor,? )?(?:help me |ayudame a |me ajude a )?"
    r"(?:(?:write|draft|compose|prepare|reply|respond|answer (?=[a-z]+'s|the (?:last|latest)))\b"
    r"|(?:(?:escrib|redact|respond|contest)(?:e|a|er|ar|ir)(?:me|les?|nos|melos?|selos?)?)\b"
    r"|(?:(?:i|me|nos|te) )?(?:help|ayud\w+|ajud\w+|need|want|necesito|quiero|preciso|quero)(?: me| nos)? (?:with |con |com |de )?(?:an? |una? |uma? )(?:\S+ )?(?:draft|borrador|rascunho)\b(?! (?:of|del?|d[aeo]s?)\b)"
    r"|(?:make|give|do)(?: me)? (?:an? |the )?(?:\S+ )?(?:draft|reply|answer)\b|(?:haz|hazme|prepara|preparame|dame|faz|faz-me|faca|faca-me|prepare|me faz|me faca) (?:un|una|um|uma|el|o) (?:\S+ )?(?:borrador|rascunho|respuesta|resposta)\b"
    r"|send (?:\S+ )?(?:an? |the )?(?:short |quick )?(?:e-?mail|mail|message|reply|note|answer)\b"
    r"|(?:envia|enviale|manda|mandale|envie|mande)(?:-lhe)? (?:un|una|um|uma) (?:\S+ )?(?:correo|e-?mail|mail|mensaje|mensagem|respuesta|resposta|nota)\b"
    r"|(?:(?:escrev|redij|redig|respond)(?:a|e|er|ir)(?:-(?:lhes?|me|nos))?|rascunhe|rascunha|elabore|elabora|prepare|prepara)\b)"
)
# "Now a draft for Daniel about the one-pager": no verb, and an order where it is no question.
A_DRAFT = re.compile(
    r"^(?:(?:ok|now|then|ahora|agora|entonces|entao|and|y|e)[,.:;]? )*(?:an?|una?|uma?|um) (?:\S+ )?(?:draft|borrador|rascunho) (?:to|for|para|pr[ao]s?)\b"
)
MENTIONS = re.compile(
    r"\b(?:all|every|list|lista|listar|listame|todos|tod[oa]s) (?:\S+ ){0,3}?(?:e-?mails?|mails?|messages?|correos|mensajes|mensagens) (?:\S+ ){0,4}?(?:where|onde|donde|em que|en (?:los )?que|(?:that|which|que) (?:mention|menc|talk|speak|habl|fal|name|nombr|cit)\w*)\b|"
    r"\bmention|\bmencion|\b(?:said|use[sd]?|dijo|dicho|disse|falou) (?:the word|la palabra|a palavra)\b"
    r"|\b(?:did|has|have|was) (?:any|some)(?:body|one| customers?| clients?| of)\b"
    r"|\b(?:algun|algum)a?s? (?:clientes?|contactos?|contatos?)\b|\balguien\b|\balguem\b"
    r"|\bwho (?:talked|spoke|complained|asked|wrote)\b|\bquien(?:es)? (?:hablo|hablaron|pregunt|se quej|escribi)"
    r"|\bwho (?:threaten|told|said|mention|want|request|demand|ask|(?:is |are |keeps )?complain)|\bquien(?:es)? (?:se (?:esta|estan) quej|amenaz|dijo|dijeron|menc|quiere|pidi)"
    r"|\bquem (?:ameac|disse|menc|quer|pediu|falou|falaram|pergunt|(?:se |esta |estao |anda )?(?:reclam|queix)|escreveu)|\b(?:which|what|how many) customers? (?:have |has |had )?(?:talk|spoke|told|sa[iy]|want|threat|request|complain|mention|ask)"
    r"|\b(?:que|cuales|cuantos) clientes? (?:se |nos |me )?(?:han? )?(?:habl|menc|quej|pregunt|amenaz)|\b(?:que|quais|quantos) clientes? (?:se |nos |me |ja )?(?:fal|menc|reclam|queix|pergunt|ameac)"
)
COUNT = re.compile(
    r"\bhow many (?:of (?:my|our|their|the) )?(?:e-?mails?|mails?|messages?)\b|\bcuantos (?:de (?:mis|nuestros|sus|los) )?(?:correos|mails|e-?mails|mensajes)\b"
    r"|\bquant(?:os|as) (?:d[oa]s (?:(?:meus|minhas|noss[oa]s|seus) )?)?(?:e-?mails?|mails?|mensagens|correios)\b"
    r"|\bhow (?:often|many times) (?:did|do|does|has|have) (?:\S+ ){1,4}?(?:write|written|e-?mail|answer|reply|contact|hear|heard|in touch|spoken?|speak|talk)"
    r"|\b(?:cuantas veces|con que frecuencia) (?:\S+ ){0,3}?(?:escri[bt]|contest|respond|mandad|enviad|habl|contact)"
    r"|\b(?:quantas vezes|com que frequencia) (?:\S+ ){0,3}?(?:escrev|escrit|respond|mand|envi|fal|conta[ct])"
)
RECORD = re.compile(
    r"\bwho (?:is|are|'s) (?:the |our |my )?(?:\S+ ){0,4}?(?:champion|contacts?|owner|stakeholders?|billing)\b"
    r"|\bquien(?:es)? (?:es|son) (?:\S+ ){0,4}?(?:champion|contactos?|responsable|propietario)\b"
    r"|\bquem (?:e|sao) (?:\S+ ){0,4}?(?:champion|contac?tos?|responsavel|dono)\b"
    r"|\bwhen (?:does|do|is|will) .*\brenew|\bcuando (?:se )?renueva|\bcuando vence\b|\bquando (?:se )?renova|\bquando vence\b"
    r"|\bwhen (?:is|are) .*\brenewals?\b|\bcuando es .*\brenovacion\b|\bquando e .*\brenovacao\b"
    r"|\b(?:which|what|que|cuales|quais) (?:customers|clients|accounts|clientes|cuentas|contas) (?:\S+ ){0,2}?(?:pay|pagan|pagam)\b|\bhow much (?:does|do) .*\bpay\b|\bcuanto (?:nos )?pagan?\b|\bquanto (?:nos )?pagam?\b"
    r"|\bwhen (?:does|do|will) (?:(?!in |of |for |on )\S+ ){0,4}?(?:contracts?|subscriptions?) (?:with \S+ (?:\S+ )?)?(?:ends?|expires?|runs? out)\b"
    r"|\b(?:cuando|quando) (?:se )?(?:acaban?|acabam|terminan?|terminam|caducan?|expiran?|expiram) (?:(?:el|los|o|os|la|a) )?(?:contratos?|suscripcion(?:es)?|assinaturas?)\b"
    r"|\b(?:quanto|cuanto) val(?:e|en|em) cada (?:un[oa]?|uma?|cliente|cuenta|conta|contrato)\b|\bhow much is each (?:one |customer |account |contract |of them )?worth\b"
    r"|\brenewal date\b|\bfecha de renovacion\b|\bdata (?:de|da) renovacao\b|\barr\b"
    r"|\bwhich customers? (?:renew|are up for renewal)|\b(?:que|cuales) clientes? renuevan|\bquais clientes renovam"
    r"|\bwho (?:else )?do (?:we|i) (?:know|have (?:there|at|in))\b|\ba quien(?:es)? (?:mas )?(?:conocemos|conozco)\b|\bquem (?:mais )?(?:conhecemos|conheco|temos (?:la|ali|n[ao]))\b"
    r"|\bcontacts? (?:at|of|for) |\bcontactos de |\bcontatos d"
    # … but "how many customers were affected by the outage?" is answered by mail, not by the list of customers
    r"|\bhow many (?:customers|clients|accounts)\b(?! (?:were|was|got|have been|had been))"
    r"|\bcuantos clientes\b(?! (?:fueron|se vieron|han sido|resultaron))|\bquantos clientes\b(?! (?:foram|ficaram|tem sido))"
    r"|\b(?:customers|clients|accounts|clientes|cuentas|contas|quien(?:es)?|quem|who(?:'s| is| are)?) (?:\S+ ){0,3}?(?:on|in|with|en|con|em|no|com|tienen?|tem|have|has) (?:\S+ ){0,3}?(?:plan|plano)\b"
    r"|\b(?:list|which|what|show|how many|lista|que|quais|cuales|cuantos|quantos) (?:\S+ ){0,3}?(?:customers|clients|accounts|clientes|cuentas|contas) (?:\S+ ){0,2}?(?:paused|churned|(?:on|in) trial|pausados|en prueba|em teste|em pausa|en pausa)\b"
    r"|\b(?:what|which) plan\b|\bque plan\b|\b(?:qual(?: e)? o|que) plano\b"
    r"|\bwho (?:owns|manages)\b|\baccount manager\b|\bquien (?:lleva|gestiona)\b|\bquem (?:cuida|gere|gerencia)\b"
    r"|\b(?:que|cuales|quais|which|what) (?:renovaciones|renovacoes|renewals|contratos|contracts) (?:\S+ ){0,2}?(?:vencen?|vencem|caen|caem|tocan|tenemos|temos|are|come|fall)\b"
    r"|\b(?:whose|which) renewal\b|\brenewals? (?:comes?|is|are|falls?) (?:up )?(?:first|next|soonest)\b"
    r"|\b(?:upcoming|next) renewals?\b|\brenewals? (?:in|this|next|coming|due)\b|\bproximas renovaciones\b|\bproximas renovacoes\b"
    r"|\b(?:que|cuales|quais) (?:contratos?|clientes?|cuentas|contas|licencias|licencas) (?:se )?(?:renuevan|renovam|vencen|vencem)\b|\bwhich (?:contracts?|customers?) (?:renew|are due)"
    r"|\b(?:se renuevan?|renovam|renuevan) (?:en|no|em|este|el|neste|nos|proxim)"
    r"|\brenovaciones (?:de|en|este|esta|del|tengo|tenemos|hay|que (?:tengo|tenemos|hay|vienen))\b|\brenovacoes (?:tenho|temos|ha|que (?:tenho|temos|ha|vem))\b|\brenovacoes (?:de|em|no|na|deste|desta|do|da) "
    r"|\b(?:biggest|largest|top) (?:customers?|clients?|accounts?)\b|\bpays? (?:us )?(?:the )?most\b|\b(?:highest|lowest) arr\b"
    r"|\bclientes? mas grandes?\b|\bmayor(?:es)? clientes?\b|\bpagan? mas\b|\bmaior(?:es)? clientes?\b|\b(?:customers|clients|accounts|clientes|cuentas|contas) (?:\S+ ){0,2}?(?:biggest|largest|mas grandes|maiores|mayores)\b|\bpagam? mais\b"
    r"|\b(?:who|quien(?:es)?|quem) (?:pays?|paga|pagan|pagam) (?:more|mas|mais|less|menos)\b"
    r"|\b(?:who|quien(?:es)?|quem) (?:renews?|is renewing|renuevan?|renovam?)\b"
    r"|\b(?:customers|clients|accounts) (?:\S+ ){0,3}?renew|\bclientes (?:\S+ ){0,3}?(?:renuevan|renovam)"
)
THE = {
    "en": re.compile(r"\b(?:the|this|that|these|those|their|his|her)\b"),
    "es": re.compile(r"\b(?:el|la|los|las|lo|al|del|est[eao]s?|es[eao]s?|sus?)\b"),
    "pt": re.compile(r"\b(?:[oa]s?|ao|d[oa]s?|n[oa]s?|est[ea]s?|ess[ea]s?|seus?|suas?)\b"),
}
LEADS = re.compile(
    r"\b(?:in charge|responsible|responsable|responsavel|owns|manages|lleva|gestiona|cuida|gere|gerencia)\b"
)
COMPARED = re.compile(
    r"\b(?:compar\w+|(?:un)?happier|healthier|better|worse|mejor|peor|melhor|pior|health|salud|saude|scores?|puntuacion(?:es)?|pontuac(?:ao|oes)|arr|plans?|planes|planos?|renewals?|renovacion(?:es)?|renovac(?:ao|oes)"
    r"|accounts?|cuentas?|contas?|vs|versus|side|differences?|diferencias?|diferencas?)\b"
)
ATTACHMENTS = re.compile(
    r"\b(?:which|what|any|list|show).*\battachments?\b|\b(?:which|what|any|list|show)(?: \S+){0,3} (?:files?|documents?)\b|\b(?:adjuntos|ficheros|archivos|anexos|ficheiros|arquivos)\b"
)
_TICKETS = r"(?:tickets?|incidencias?|incidentes?|chamados?|support cases?)"
_STANDING = (
    r"(?:open|pending|unresolved|abiert[oa]s?|pendientes?|sin resolver|abert[oa]s?|pendentes?|por resolver|em aberto)"
)
TICKETS = re.compile(
    rf"\b{_TICKETS}\b(?: \S+){{0,4}}? {_STANDING}\b|\b{_STANDING} (?:\S+ )?{_TICKETS}\b"
    rf"|\b(?:which|what|list|show|que|cuales|quais) (?:\S+ )?{_TICKETS}(?=$| (?:are|have|has|do we|at|for|from|with|of|hay|tenemos|tiene|con|de|del|en|ha|temos|tem|com|da|do|na|no)\b)"
)
OPEN = re.compile(
    r"\b(?:left|still) to (?:do|send|answer|deliver)\b|\b(?:i|we) (?:still )?(?:have|need) to (?:send|deliver|do)\b(?! with)|\b(?:tengo|tenemos) que (?:enviar|mandar|entregar|hacer)(?:les?)?\b"
    r"|\b(?:tenho|temos) (?:de|que) (?:enviar|mandar|entregar|fazer)\b|\bfic(?:ou|amos) (?:combinado|de \w+(?:ar|er|ir))\b|\bqued(?:o|amos|aron) en \w+(?:ar|er|ir)(?:les?)?\b|\bstill (?:need|want|expect)s? (?:\S+ )?from (?:us|me)\b|\b(?:do|did) (?:we|i) (?:still )?owe\b(?!.*\b(?:answer|reply))|\bwhat(?:'s| is| remains?) (?:still )?(?:open|pending|outstanding)\b|\bopen (?:points|topics|items|questions|issues)\b|\bnext steps?\b"
    r"|\bpendientes?\b|\bpendentes?\b|\b(?:open|outstanding|pending) (?:with|at|for|from)\b|\bto-dos?\b|\bmy to ?dos?\b|\bqueda abierto\b|\bproximos pasos\b|\bem aberto\b|\bpor resolver\b|\bpromis|\bpromet|\bquestions? (?:did|has|have) .*\bask|\bfaltam? (?:todavia |aun |ainda )?(?:por |me |nos |te )*(?:hacer|fazer|resolver|enviar|mandar|responder|contestar|entregar|fechar|cerrar)"
)
PACE = re.compile(
    r"\b(?:response|reply|answer) times?\b|\btiempos? (?:medio )?de respuesta\b|\btempos? (?:medio )?de resposta\b"
    r"|\bhow (?:long|fast|quick(?:ly)?|soon|slow(?:ly)?)\b.*\b(?:answer|repl(?:y|ies)|respond|get back|write back)"
    r"|\b(?:en|em) (?:cuanto|quanto) (?:tiempo|tempo)\b.*\b(?:respond|contest)|\b(?:cuanto|quanto) (?:tiempo |tempo )?(?:\S+ ){0,4}?(?:tard|demor|llev|lev)\w+\b.*\b(?:respond|contest)"
    r"|\b(?:tard(?:a|an|amos|o|aron)|demor(?:a|am|amos|an|ou|aram))\b.*\b(?:respond|contest)"
    r"|\b(?:con que rapidez|que tan rapido|com que rapidez|quao rapido)\b.*\b(?:respond|contest)"
    r"|\b(?:fast|slow)(?:est)? to (?:answer|reply|respond)\b|\b(?:fast|slow)est (?:answer|repl(?:y|ies)|respons)"
    r"|\b(?:hemos tardado|tardamos|hemos demorado|demoramos|demorei|tardei|he tardado) (?:\S+ )?(?:mas|menos|mais)\b"
    r"|\b(?:respuestas?|respostas?) (?:mas|mais) (?:lent|rapid|demorad)"
)
OUR_PACE = re.compile(
    r"\b(?:we|i)\b(?! (?:get|receive|wait))|\btakes? (?:me|us)\b|\btook (?:me|us)\b|\ba gente\b|\bour\b|\b(?:tarde(?= en\b)|tardo|demoro|respondo|contesto|tardamos|demoramos|respondemos|contestamos|nuestr[oa]|noss[oa]|nosotros|nos mesmos|(?:hemos|he) (?:tard|demor)ado|demorei|tardei)\b"
)
# Whoever else the question speaks of ("how long did I take to answer her when she asked?").
WE_TAKE = re.compile(
    r"\b(?:takes?|took|taken) (?:me|us)\b|\b(?:did|do|have|had) (?:i|we) (?:\S+ )?(?:taken?|need to (?:answer|reply|respond))\b"
    r"|\b(?:tardamos|demorei|demoramos)\b|\bcuanto (?:tiempo )?tarde\b"
)
THEIR_PACE = re.compile(
    r"\b(?:answer|reply|respond|write back|get back) (?:to )?(?:us|me)\b|\b(?:respond|contest)\w+(?:[- ]|(?<=r))(?:nos|me)\b|\b(?:responden?|respondem|contestan?|contestam?|tardan?|demoram?)\b|\bdo(?:es)? (?!(?:we|i|it)\b)|\bnos (?:tarda|respond|contest)\w*"
    r"|\b(?:they|she|he|their|ell[oa]s?|el[ea]s?)\b|\b(?:escribir|escrever|contestar|responder)(?:-?me|-?nos)\b"
)
# After a question about answering times: "and they?", "is that slower than Globex?".
AND_THEY = re.compile(
    r"(?:(?:and|y|e|ok)\W+)*(?:they|them|ellos|ellas|eles|elas)(?:\W+(?:a|to)\W+(?:me|us|mi|mim|nos|nosotros))?"
)
# "And why?", "¿por qué tan baja?": of a score.
WHY = re.compile(
    r"(?:(?:and|but|y|e|pero|mas)\W+)*(?:why|how come|por que|porque)"
    r"(?:\W+(?:is|are|so|that|it|this|the|low|high|bad|good|score|es|esta|tan|eso|asi|la|baj[oa]|alt[oa]|mal|e|ta|tao|isso|assim|a|baix[oa]|nota)){0,4}"
)
# "How many of those came from them?"
FROM_THEM = re.compile(
    r"\b(?:from|by) (?:them|him|her)\b"
    r"|\b(?:son|eran|fueron|vinieron|escribieron|sao|eram|foram|vieram) (?:suyos|(?:de|por) (?:ell[oa]s?|el)|d?el[ea]s?|(?:de|por) el[ea]s?)\W*$"
)
FROM_US = re.compile(
    r"\b(?:from|by) (?:us|me)\b|\b(?:nuestros|mios|nossos|meus|(?:de|por) (?:nosotros|mi|nos|mim))\W*$"
)
BETTER = re.compile(r"\bcompar\w+|\b(?:better|worse) than\b|\b(?:mejor|peor) que\b|\b(?:melhor|pior) (?:do )?que\b")
QUICKER = re.compile(r"\b(?:slower|faster|quicker|ma[is]s (?:lent|rapid)[oa]s?|mais devagar)\b")
COMPARE = re.compile(
    r"\bcompar|\b(?:un)?happier\b|\bhealthier\b|\bbetter (?:off )?than\b|\bworse (?:off )?than\b|\b(?:mejor|peor|mas (?:content[oa]|satisfech[oa]|feliz|san[oa])) que\b|\b(?:melhor|pior|mais (?:contente|satisfeit[oa]|feliz|saudavel)) (?:do )?que\b|\b(?:qual|cual|quien|quem|who|which) (?:\S+ ){0,5}?(?:mejor|peor|melhor|pior|better|worse|mas content[oa]|mais (?:contente|feliz|satisfeit[oa]))\b|\bversus\b|\bvs\b|\bside by side\b|\bdiferenc|\bdifferences?\b"
)
THREAT = re.compile(
    r"\bthreat|\bamenaz|\bameac|\b(?:wants?|wanted|plans?|planning|going|intends?|decided) to\b|\bconfirm"
    r"|\b(?:quier|quer|va|vai|vao|van) \w+(?:ar|er|ir)\b|\b(?:is|are) (?:\S+ )?(?:cancel|leav|churn)"
)
# "Prep me for a call with Maria", "tengo llamada con Acme, ¿qué hay?"
_MEETING = r"(?:calls?|meetings?|qbr|llamadas?|reunion|visitas?|visits?|ligacao|chamada|reuniao)"
BRIEFING = re.compile(
    r"^(?!did|do|does|has|when|what|how|who|why|cuando|que|como|quien|por que|quando|o que|quem)"
    rf"(?:(?:\S+ ){{0,3}}?prep(?:are|arame|arate|arar|ara|aro)?(?:-me)?\b(?: \S+){{0,3}}? {_MEETING}\b"
    rf"|(?:a )?{_MEETING} (?:with|con|com)\b|(?:i )?(?:i've got|have|got|tengo|tenho|temos|tenemos) (?:\S+ ){{0,2}}?{_MEETING} (?:\S+ ){{0,1}}?(?:with|con|com|at)\b"
    r"|(?:\S+ ){1,3}(?:calls? me (?:in|at)|me llaman? (?:en|a)|me ligam? (?:em|as)) |(?:\S+ ){0,3}?(?:brief me|ponme al dia|me atualiza|me poe a par|get me up to speed)\b)"
)
# "I have a call with them on Monday": the day is the meeting's.
MEETING_AHEAD = re.compile(
    rf"(?<!did )\b(?:i|we|tengo|tenemos|tenho|temos)(?: have| got|'ve got)?(?: (?!about\b|sobre\b|on the\b)\S+){{0,4}}? {_MEETING} (?:with|con|com)\b"
)
CLAUSES = re.compile(r"[,.;?!]")
# A year that is named, or words of what lies behind. "Ago" alone is August.
BEHIND = re.compile(
    r"\byesterday|\bayer\b|\bontem\b|\blast\b|pasad|passad|ultim|(?:days?|weeks?|months?|years?) ago\b|\b(?:19|20)\d\d\b|anterior|previous"
)
# "Did Walter accept the credit?": how he took it others may tell.
REACTION = re.compile(
    r"\b(?:did|has|have|does|do) (?:\S+ ){1,4}?(?:accept|agree|approve|sign|reject|refuse|like|take (?=it\b|the\b|our\b))(?:d|ed)?\b|\b(?:is|was) (?:\S+ ){1,3}?(?:ok|happy|fine) with\b"
    r"|\b(?:acept(?:o|aron|ado)|aprob(?:o|aron|ado)|firm(?:o|aron|ado)|rechaz(?:o|aron|ado)|gust(?:o|aron))\b"
    r"|\b(?:aceit(?:ou|aram)|aprov(?:ou|aram)|assin(?:ou|aram)|recus(?:ou|aram)|gost(?:ou|aram))\b"
)
# "Who was it from, and when?": what is told of every mail.
_WHOSE_IT_WAS = (
    r"from whom (?:was|is) (?:it|that|this)|who(?:m)? (?:was|is) (?:it|that|this|the (?:e-?mail|mail|message)) from|who sent (?:it|that|this)"
    r"|de quien (?:era|fue)|quien (?:lo|la) (?:mando|envio|escribio)|de quem (?:era|foi)|quem (?:o |a )?(?:mandou|enviou|escreveu)"
)
_WHEN_IT_CAME = (
    r"(?:on )?(?:when|(?:what|which) (?:day|date)) (?:was|is) (?:it|that)(?: (?:sent|written|from))?|when did (?:it|that) (?:come|arrive)|when"
    r"|(?:de |en )?(?:cuando|que (?:dia|fecha))(?: (?:es|era|fue|llego|lo (?:mando|envio|escribio)))?"
    r"|(?:de |em )?(?:quando|que (?:dia|data))(?: (?:e|era|foi|chegou|(?:o )?(?:mandou|enviou)|foi enviado))?"
)
# "Names only, please."
NAMES_ONLY = re.compile(
    rf"(?:(?:and|y|e|ok),? )?(?:{_WHOSE_IT_WAS})(?:,? (?:and|y|e) (?:{_WHEN_IT_CAME}))?$|"
    r"(?:and |y |e )?(?:who|quien|quem) (?:wrote|sent|escribio|envio|mando|escreveu|enviou|mandou)(?: (?:it|that|this|eso|esto|isso|isto))?$|(?:and |y |e )?(?:quien|quem) (?:lo|o) (?:escribio|envio|mando|escreveu|enviou|mandou)|(?:(?:and|y|e|ok|but|just|only|solo|so|apenas|solamente|por favor|please|pls|give me|dame|me da|quiero|quero|i want)[ ,]+)*(?:the |los |os |las |as )?"
    r"(?:names?|nombres?|nomes?)(?:[ ,]+(?:only|solo|solamente|nada mas|so|apenas|please|pls|por favor))*"
)
STATE = re.compile(
    r"\b(?:already|yet|ya|ja)\b|^(?:(?:y|and|e) )?lo del? |\b(?:holding|held) (?:\S+ ){0,3}?(?:up|back)\b|\bblock(?:s|ed|ing)\b|\bstuck\b|\b(?:frena|bloquea|atasca|trava|emperra|impede|impide)\w*\b|\b(?:que|o que) (?:nos |le |lhe )?falta\b|\b(?:still|sigue|siguen|continuam?|ainda|todavia|aun)\b|\bwhere (?:do|are) we\b|\bstand on\b|\bstatus\b|\bstate of\b|\bhow(?: is| are|'?s)\b|\blatest\b|\bcurrent(?:ly)?\b|\bnow\b"
    r"|\bwhat(?:'s| is| has been) (?:going on|happening|new)\b|\bque (?:(?:esta|anda) pasando|pasa|ocurre|hay de nuevo|novedades hay)\b(?! si\b)|\bo que (?:se passa(?! se\b)|(?:esta|anda) (?:a )?acontec(?:endo|er)|ha de novo)\b|\bem que pe\b"
    r"|\b(?:end(?:ed)? up|ended|turn(?:ed)? out|outcome|settle[ds]?|resolved|solved|fixed|repaired)\b|\b(?:como|en que) (?:acabo|termino|quedo|quedamos|quedaron|se resolvio)\b"
    r"|\bcomo (?:acabou|terminou|ficou|ficaram|se resolveu)\b|\bem que (?:deu|ficou)\b|\b(?:resuelt[oa]s?|solucionad[oa]s?|arreglad[oa]s?|corregid[oa]s?|resolvid[oa]s?|corrigid[oa]s?|consertad[oa]s?|resolvemos|resolv(?:eu|io)|solucion(?:o|ou)|arreglo)\b"
    r"|\ben que (?:punto|estado)\b|\bcomo (?:va|van)\b(?! a \w+r\b)|\bcomo (?:vai|vao)\b(?! (?:\w+[aei]r|ser|por)\b)|\bcomo (?:esta|estan|estao)\b|\bestado\b|\bahora\b|\bactual\b|\bem que (?:pe|ponto|estado)\b|\bagora\b|\batual\b"
)
# Of a matter, how it goes: "how's the renewal going?" is told by mails, and "when is the renewal?" by a record.
GOES = re.compile(
    r"\bhow(?: is| are|'?s)\b.*\b(?:going(?! to\b)|coming along|looking)\b|\bhow(?: is| are|'?s) the\b|\bwhere (?:do|are) we (?:stand|at|on|with)\b"
    r"|\bcomo (?:va|van|anda|andan|andam)\b(?! a \w+r\b)|\bcomo (?:vai|vao)\b(?! (?:\w+[aei]r|ser|por)\b)|\bcomo (?:esta|estan|estao) (?:l?[ao]s?|el)\b"
    r"|\b(?:en|em) que (?:punto|pe|ponto|qued\w+|fic(?:ou|amos|aram))\b|\b(?:latest|status|state|news) (?:on|of|with|about)\b|\bwhat(?:'s| is) (?:happening|going on|new) with\b"
)
# What a record alone tells.
FIELD = re.compile(
    r"\b(?:date|fecha|data|when|cuando|quando|who|quien(?:es)?|quem|contacts?|contact?os?|how much|cuanto|quanto|pays?|pagan?|pagam?|plan|plano|arr)\b"
)
WAITING = re.compile(
    r"\bkeep(?:ing)? (?:\S+ )?waiting\b|\b(?:llev|lev)\w+ (?:\S+ ){0,3}?esperando\b|\besperando (?:(?:mi|una|la|nuestra) )?(?:respuesta|contestacion)\b|\b(?:a|a la) espera de (?:resposta|respuesta)\b|"
    r"\bunanswered\b|\bwait(?:s|ing)? (?:for|on)\b.*\b(?:repl|answer|respon|us\b|me\b|them\b)|\bow(?:es?|ing) .*\b(?:repl|answer|mail)"
    r"|\b(?:who|which) (?:\S+ ){0,2}?(?:has|have|did|does) ?(?:n't|not) (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:we|i) (?:have|did|do) ?(?:n't|not) (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:have|did|do)(?:n't| not) (?:we|i) (?:yet )?(?:repl|answer|respond)|\b(?:have|did|do) (?:we|i) not (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:do|should|must) (?:i|we) (?:still )?(?:need to |have to )?(?:answer|reply|respond)\b"
    r"|\bwhat should (?:i|we) (?:do|work on)\b|\bneeds? (?:my|our|an|a) (?:answer|reply|attention)"
    r"|\bow(?:e|es|ing) (?:me|us) (?:one|an? )|\bsin (?:responder|contestar)(?:me|nos)?\b|\bsin respuesta\b|\bno (?:nos |me )?(?:responden?|contestan?)\b|\bnao (?:nos |me )?respondem?\b|\bsem (?:me |nos )?responder\b|\besper(?:a|an|ando) (?:\S+ ){0,3}?(?:respuesta|contestacion)"
    r"|\bno (?:nos |me |les |le )?(?:ha|han|hemos|he) (?:respondido|contestado)|\b(?:debo|debemos|tengo que|hay que) (?:responder|contestar)"
    r"|\bque (?:debo|deberia|tengo que) hacer\b|\bdeb(?:o|en?|emos) (?:\S+ ){0,2}?(?:respuesta|contestacion)|\bdev(?:o|em?|emos) (?:\S+ ){0,2}?resposta"
    r"|\bsem (?:responder|resposta)\b|\besper(?:a|am|ando) (?:\S+ ){0,3}?resposta|\baguard(?:a|am|ando) (?:\S+ ){0,3}?resposta"
    r"|\bnao (?:nos |me )?(?:respondeu|responderam|respondi|respondemos)|\b(?:devo|devemos|tenho (?:de|que)|preciso) responder"
    r"|\bo que (?:devo|tenho que|tenho de) fazer\b"
)
THEY_OWE = re.compile(
    r"\b(?:de quem|de quien|for whom|who) (?:\S+ ){0,2}?(?:(?:estou|estamos) (?:eu |nos )?(?:a )?(?:espera|esperar|esperando)|(?:estoy|estamos) (?:yo )?esperando|(?:am i|are we) waiting)\b|\bwho (?:\S+ )?(?:has|have|did|does) ?(?:n't|not)|\bcustomers? (?:\S+ )?(?:has|have|did|does) ?(?:n't|not)"
    r"|\bwe(?: are|'re) waiting|\bare we waiting|\bow(?:es?|ing) (?:us|me)\b|\b(?:nos|me) deben?\b|\b(?:nos|me) devem?\b"
    r"|\bsin (?:responder|contestar)(?:me|nos)\b|\bno (?:nos|me) (?:respond|contest)|\bsem (?:me|nos) responder\b"
    r"|\bno (?:nos|me) (?:ha|han) |\b(?:estamos|estoy) esperando|\besperamos|\bnao (?:nos|me) respond|\baguardamos"
)
NOT_OURS = re.compile(r"\b(?:have|did|do)(?:n't (?:we|i)| not (?:we|i)| (?:we|i) not) (?:yet )?(?:repl|answer|respond)")
WE_OWE = re.compile(
    r"\b(?:we|i) (?:have|did|do) ?(?:n't|not)|\b(?:from|for|on) (?:us|me)\b|\b(?:my|our) (?:answer|reply|attention|response)"
    r"|\b(?:should|must|do) (?:i|we)\b|\bwe owe\b|\bno (?:les |le )?(?:hemos|he) |\b(?:nuestra|nossa|mi|minha) respuest|\bnossa resposta|\b(?:respuesta|contestacion|resposta) (?:nuestra|mia|nossa|minha)\b"
    r"|\b(?:debo|debemos|tengo que|hay que|deberia|devo|devemos|tenho|preciso)\b|\bnao respond(?:i|emos)\b"
)
# "Which customers have not written for a month?"
NO_WORD = (
    r"(?:\bnot|n't) (?:written|wrote|(?:\S+ )?heard from|been in touch)\b|\bno (?:me |nos )?(?:escriben?|han escrito|ha escrito)\b|\bsin escribir(?:me|nos)?\b"
    r"|\bnao (?:me |nos )?(?:escreve|escrevem|escreveram|escreveu)\b|\bsem escrever\b"
)
FOR_HOW_LONG = frozenset(
    """month months mes meses week weeks semana semanas day days dia dias long while tiempo tempo touch written wrote heard escrito escriben escribe
    escrevem escreve escreveu escreveram more than mas mais de""".split()
)
MOOD = re.compile(
    r"\b(?:un|dis)?happ(?:y|iest|ier)\b|\b(?:dis|un)?satisfied\b|\bin trouble\b|\bsilen(?:t|ce|cios[oa]s?|cio)\b|\bquiet\b|\bgone dark\b"
    r"|\b(?:in|des)?satisf(?:ech|eit)[oa]s?\b|\b(?:des)?content[oa]s?\b|\benfadad[oa]s?\b|\bcallad[oa]s?\b|\bcalad[oa]s?\b|\bfeliz(?:es)?\b|\bfelices\b"
    r"|\b(?:might|could|may|will|likely to|going to) (?:churn|leave)\b"
)
ATTITUDE = re.compile(
    r"(?:threat|amenaz|ameac|confirm|announc|anunci|decid|consider|plan(?:s|ned|ning|ea|ej)|hint|insinu|want|quier|quer|pens|pretend|intend|offer|ofrec|oferec|volunt|willing|dispuest|dispost|ask(?:ed|s)? to|their|his|her|ya$|ja$)"
)
_MAILS_OF = r"(?:e-?mails|mails|messages|correos|mensajes|mensagens|emails|replies|respuestas|respostas)"
MONEY_IN_ALL = re.compile(
    r"\b(?:how much (?:arr|money|revenue)|(?:cuanto|quanto) (?:dinero|dinheiro|arr))(?: \S+){0,4} (?:risk|stake|riesgo|risco|juego|jogo)$"
)
WHY_ASKED = re.compile(r"(?:(?:and|so|y|e) )*(?:why|how come|por ?que)\b")
# What somebody decides, signs or thinks is told by mails, and by no record of them.
DECIDES = re.compile(
    r"\b(?:takes?|views?|opinions?|thoughts?|think|opin\w+|piensan?|acham?|parece|decid\w*|firm(?:a|an|ara|aria|o|aron)|signs?|signed|assin(?:a|am|ou|aram)|aprueb\w+|aprob\w+|aprov\w+|approv\w+|autori[zs]\w+|authori[sz]\w+)\b"
)
LAST_MAILS = re.compile(
    rf"\b(?:last|latest|recent|most recent|ultim[oa]s|recientes|recentes) (?:few |pocos |poucos )?{_MAILS_OF}\b|\b{_MAILS_OF} (?:mas |mais )?(?:recientes|recentes)\b"
)
SMALLEST = re.compile(
    r"\b(?:smallest|cheapest|least|lowest|mas pequen[oa]|mas barat[oa]|menor|mais pequen[oa]|mais barat[oa]|pagam? menos|pays? least)\b"
)
_WHICH_IS = r"(?:which|what|who|cual|quien|qual|quem)(?:'s)?(?: one)?(?: (?:is|es|e|pays|paga))?"
SUPERLATIVE = re.compile(
    rf"(?:(?:and|y|e|so) )*{_WHICH_IS}(?: (?:the|la|el|a|o))?(?: very)? (?:smallest|cheapest|least|lowest|biggest|largest|most|highest|next|soonest|first|earliest|(?:mas|mais) (?:pequen[oa]|grande|barat[oa]|car[oa]|cercan[oa]|proxim[oa])|menor|mayor|maior|proxim[oa]|primer[oa]|primeir[oa]|siguiente)(?: (?:one|of (?:them|those|these)|de (?:ellos|ellas|esos|esas)|d?el[ea]s|dess[ea]s|to renew))?"
)
WAITED_LONGEST = re.compile(
    r"(?:(?:and|so|y|e) )*(?:which|who|cual|quien|qual|quem)(?: one)?\b(?: \S+){0,6} (?:longest|oldest|mas tiempo|mais tempo|mas antigu[oa]|mais antig[oa])(?: \S+){0,2}"
)
LONGEST = re.compile(r"\b(?:longest|most|tiempo|tempo)\b")
SILENCE = re.compile(NO_WORD + r"|\bsilen|\bquiet\b|\bgone dark\b|\bcallad|\bcalad")
AT_RISK = re.compile(
    r"\brisk|\briesgo|\brisco|\bdanger|\bpeligr|\bperigo|\bchurn\b|\bleav(?:e|es|ing)\b|\birse\b|\bsair\b|\bmarcharse\b|\blos(?:e|ing)\b|\bperder\b"
)
NOT_AT_RISK = re.compile(r"\b(?:not|no|nao|least|menos|n't|without|sin|sem)\b")
BEST = re.compile(
    r"\b(?:happ|satisfied|content[oa]|satisf(?:ech|eit)|feli[zc]|healthiest|best|mas sanos|mais saudaveis)"
)
# "What is she unhappy about?" is told by mail.
MOOD_ABOUT = re.compile(
    r"\b(?:what|why|por que|de que|con que|com que)\b.*(?:happ|satisf|content|feli[zc]|enfad)|\b(?:un)?happy about\b"
)
BIGGEST = re.compile(r"\b(?:biggest|largest|top|most|highest|mas grandes?|mayor|pagan? mas|maior|pagam? mais)")
RENEWAL = re.compile(r"\bren(?:ew|uev|ov)|\bvenc")
WHO = re.compile(r"^(?:who(?:'s| is| are| was)|quien(?:es)? (?:es|son|era)|quem (?:e|sao|era))\b")
GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hola|ola|oi|good (?:morning|afternoon|evening)|buen[oa]s (?:dias|tardes|noches)|buenas|bom dia|boa (?:tarde|noite)"
    r"|help(?: me)?|ayuda(?:me)?|ajuda|thanks?(?: you)?(?: very much| a lot)?|(?:muchas )?gracias|(?:muito )?obrigad[oa]|there|please|por favor)[ ,.!?]*)+$"
    r"|^(?:what can (?:you do|i ask(?: you)?)|how (?:do(?:es)? (?:this|it|you) work|can you help(?: me)?)|what are you|who are you"
    r"|que (?:puedes hacer|sabes hacer|puedo preguntar(?:te)?)|como funciona(?:s)?(?: esto| isto| isso)?|quien eres|(?:en|em) que (?:me )?(?:puedes|pode) (?:ayudar|ajudar)(?:me)?"
    r"|o que (?:voce )?(?:pode|consegue|sabe) fazer|o que posso perguntar|quem e voce)$"
)
HEALTH = re.compile(
    r"^(?:which|who|cual(?:es)?|quien(?:es)?|qua(?:l|is)|quem)\b.*\b(?:worr\w+ (?:you|me|us)|(?:me|te|nos) preocup\w+|preocup\w+ mais)\b|\bhealthy?\b|\bscores?\b|\bat risk\b|\bsentiment\b|\bsalud\b|\ben riesgo\b|\bsaude\b|\bem risco\b|\bsentimento\b|\bsentimiento\b|\bpuntuacion\b|\bpontuacao\b"
)
# Health, where nothing but the customer is asked after: "how is the renewal going" is about the renewal.
HOW_IS = re.compile(r"\bhow (?:is|are|'s) .*\b(?:doing|going)\b|\bhow(?:'s| is| are)\b|\bcomo (?:va|van|esta|estan)\b")
QUOTED = re.compile(r"(?:[\"“”«‘]|(?<!\w)')([^\"“”«»‘’']{2,60})(?:[\"“”»’]|'(?!\w))")
WORD = re.compile(r"[\w-]+(?:\.\w+)*")
# "Who approved?", "quem aprovou?": nothing is said of what.
WHO_DID = re.compile(r"(?:and |y |e )?(?:who|quien|quem) (?:ha |lo |o |a )?(?!is\b|are\b|es\b|e\b)\w+$")
WHICH = re.compile(
    r"(?:(?:and|y|e|so|but|pero|mas) )*(?:(?:a|de|para|por|con|com) )?(?:who|whom|which|what renews|quien(?:es)?|cual(?:es)?|quem|qua(?:l|is))\b"
)
WHO_OF_ALL = re.compile(
    r"(?:(?:and|y|e) )*(?:(?:a|de) )?(?:whom?|quien(?:es)?|quem|(?:which|what|que|cuales|quais) (?:customers|clients|accounts|clientes|cuentas|contas))\b"
)
OF_ALL = re.compile(
    r"\b(?:accounts|cuentas|contas) (?:that|who|which|que)\b|\b(?:customers|clients|clientes|portfolio|cartera|carteira|overall|in total|en total|no total)\b"
)
WITH = re.compile(
    r"\b(?:with|between|con|conmigo|entre|com|comigo)\b|\be-?mails?\b|\bmessages?\b|\bcorreos?\b|\bmens(?:aje|agem|agen)\w*"
)
SPEAKS = re.compile(
    r"\b(?:say|said|tell|told|write|wrote|offer(?:ed)?|give|gave|given|ask(?:ed)?|mention(?:ed)?|promised?|dij\w+|dice[n]?|escrib\w+|ofrec\w+|dimos|pidi\w+|pregunt\w+"
    r"|disse\w*|diz(?:em)?|escrev\w+|oferec\w+|pedi\w+|pergunt\w+)\b"
)
SUMMARY = re.compile(
    r"^(?:\S+ ){0,4}?(?:summari[sz]e|sum up|recap|(?:run|walk|take) me through)\b|\b(?:give me|make me|i need|i want|prepare(?: me)?) (?:an? |the )?(?:short |quick |brief )?(?:summary|overview|recap|history|timeline)\b"
    r"|^(?:an? |the )?(?:short |quick |brief )?(?:summary|overview|recap|history|timeline) of\b|\b(?:whole|full) story\b"
    r"|\b(?:haz(?:me)?|dame|quiero|necesito|prepara(?:me)?|faz|faca|quero|preciso(?: de)?|da)(?:[- ]me)? (?:un|um|el|o) (?:\S+ )?(?:resumen|resumo|repaso)\b|^(?:un |um |el |o )?(?:resumen|resumo|repaso) (?:del?|d[aeo]s?|sobre)\b"
    r"|^(?:por favor,? |me )?resum(?:[ei]me|e(?! (?:loading|work|sync|import))|a|ir|eme|ame|eles)\b|\b(?:la historia de|a historia d[aeo])\b|\bcronologia\b"
)
TOLD_WHOLE = re.compile(
    r"summar\w+|overview|recap|history|timeline|story|whole|full|resum\w*|repaso|historia|cronologia"
)
# "Which of them wrote more often?": of several, how often each did.
MORE_OFTEN = re.compile(
    r"\b(?:wr[io]tes?|written|sends?|sent|escri[bt]\w+|mand\w+|envi\w+|escrev\w+) (?:(?:to )?(?:me|us|nos) )?(?:more|most|less|least|mas|mais|menos)"
    r"(?=\s*(?:$|[,;?]|(?:often|frequently|veces|a menudo|vezes|e-?mails?|mails|correos|mensajes|mensagens|to (?:me|us)|this|last|est[ea]|nest[ea]|in|en|em|since|desde)\b))"
)
UNANSWERED = re.compile(
    r"\b(?:unanswered|with(?:out| no) (?:an? |any |getting (?:an? )?)?(?:answer|reply|response)|sin (?:respuesta|contestar|que (?:\S+ )?(?:conteste|responda))|sem (?:resposta|que (?:\S+ )?responda))\b"
)
MAILS = re.compile(r"\b(?:e-?mails?|mails?|messages?|correos?|mensajes?|mensage(?:m|ns)|contac?to|in touch)\b")
# How often something happened, and not how often somebody wrote.
TIMES = re.compile(
    r"\bhow (?:many times|often)\b|\bcuantas veces\b|\bcon que frecuencia\b|\bquantas vezes\b|\bcom que frequencia\b"
)
AMOUNT = re.compile(r"\d[\d.,]*(?:k|m|mil)?", re.IGNORECASE)
AND = re.compile(
    r",?\s+(?:and|y|e)\s+(?=(?:(?:a|de|con|com|em|en)\s+)?(?:how|what|when|who|why|which|where|did|have|has|ya|j[aá]|c[oó]mo|d[oó]nde|onde|qu[eé]|cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?"
    r"|cu[aá]l(?:es)?|o\s+que|quando|quant[oa]s?|quem|qual|quais)\b)",
    re.IGNORECASE,
)
# "And who handles their invoices?" asks something of its own, "and who else?" does not.
ASKS = re.compile(
    r"(?:and|y|e) (?:who|whom|what|when|where|why|how|did|has|have|is|was|does|quien|que|cuando|donde|como|por que|cuant[oa]s?|en que|quem|o que|quando|onde"
    r"|quant[oa]s?)(?: (?!about\b|else\b|hay\b|tal\b)\S+){2,}"
)
# … and so does "and Priya, what has she asked for?".
ASKS_OF = re.compile(
    r"(?:and|y|e) (?:\S+ ){1,2}?(?:who|what|when|where|why|how|quien|que|cuando|donde|como|por que|quem|o que|quando|onde)(?: \S+){2,}"
)
SINCE_THEN = re.compile(
    r"\bsince\W*$|\w(?:io|aron|ieron|ou|eu|iu|aram|eram|iram|ed)\b.*\b(?:afterwards|despues|depois)\W*$|\b(?:since|after) (?:then\b|that(?!\s+\w))|\bdesde (?:entonces|entao)\b|\bdespues de eso\b|\bdepois disso\b|\bdesde (?:ahi|ai|la|eso|isso)\b|\b(?:de la|dai) (?:pra|para) ca\b|\ba partir de? ?(?:ahi|ai|entao|entonces)\b"
)
IT = re.compile(
    r"\bof (?:them|those|these)\b|\b(?:de|entre) (?:ell[oa]s|es[oa]s|est[oa]s)\b|\b(?:del[ea]s|dess[ea]s)\b|\bit\b|\b(?:that|this|those)(?=$| (?:is|was|be|been|get|got|happen|work|cost|mean)\b)|\b(?:eso|esto|isso|isto|disso|nisso)\b"
    r"|\blo (?:hemos|he|ha|han|has)\b|\blo (?!que\b|de\b|del\b|mismo\b|ultimo\b)\w+(?:aron|ieron|imos|amos|o|io|an?|en?)\b"
)
SUM = re.compile(
    r"\b(?:totals?|sum|add up to|altogether|combined|suman?|sumando|somam?|somando|juntos|juntas|en conjunto|no total)\b|\ball together\b|\bao todo\b"
    r"|\bhow much (?:arr|money|revenue)\b|\b(?:how much|cuanto|quanto) (?:are they worth|(?:is|are) that worth|valen|valem)\b|\b(?:cuanto|quanto) (?:dinero|dinheiro|arr)\b|\b(?:cuanto|quanto) (?:es|e|da) (?:todo|tudo|(?:eso|isso) (?:todo|tudo))\b"
)
TOPIC_ONLY = re.compile(
    r"(?:and|y|e|so)?\s*(?:what about|how about|anything (?:about|on)|que hay de|e quanto a|algo (?:de|sobre)|about|on|sobre|de|do|da|del)\s+(?:(?:el|la|los|las|o|a|os|as|the|our|his|her|their)\s+)?"
    r"[\w-]+(?:\s+[\w-]+){0,3}$"
)
_ALSO, _THEN = r"(?:and|y|e|also|tambien|tambem)", r"(?:now|ahora|agora|then|ok|okay|vale)"
_ONE = r"(?:another|an?(?: \w+)? one|one|otr[oa]|outr[oa]|lo mismo|o mesmo|un[oa]|uma?)(?: \w+)? "
ANOTHER = re.compile(
    rf"(?:(?:{_ALSO}\s+)+(?P<one>{_ONE})?|(?:{_THEN}[\s,]+)+(?P<more>{_ONE}))(?:to|for|a|para|pr[ao]|ao|al)\s+(?:[oa] )?\w+\b"
    r"(?! (?:did|said|dijo|disse|contest|respond)| ?, ?(?:what|who|when|how|which|que|quien|cuando|cual|o que|quem|quando|qua(?:l|is))\b)"
)
TO_SOMEBODY = re.compile(r"\b(?:to|for|a|à|ao|al|para|pr[ao]s?)\s+(?:(?:o|a|la|el)\s+)?[A-ZÁÉÍÓÚÂÊÔÃÕÇÑÖÜ]")
# "Write one to the ferry lady": whoever that is, it is nobody of the conversation.
_VERB = (
    r"(?!\w+(?:ar|er|ir)\b|(?:confirm|thank|say|ask|tell|let|propose|apologi[sz]e|follow|check|remind|offer|invite)\b)"
)
ONE_TO = re.compile(
    rf"\b(?:one|another|otr[oa]|outr[oa]|uno|una?|uma?) (?:\w+ )?(?:to|for|a|para|pr[ao]|ao|al) {_VERB}"
)
TO_SOME_PERSON = re.compile(
    r"\b(?:to|for|a|para|pr[ao]s?|ao|al) (?:the |la |el |o |os |as |las |los )?(?:\w+ )?(?:lady|guy|man|woman|girl|people|folks|client(?:e|a)?|customer|senora?|chic[oa]|moc[oa]|pessoal)\b"
)
_THEM = r"(?:to|for|a|para|pra) (?:her|him|them|ell[oa]s?|el[ea]s?)\b"
TO_THEM = re.compile(rf"^(?:(?:{_ALSO}|{_THEN})[ ,]+)+(?:{_ONE})?{_THEM}|\b{_ONE}{_THEM}")
THEM = re.compile(r"her|him|them|el|ell[oa]s?|el[ea]s?")
THEIRS = re.compile(r"\b(?:his|her|their|sus?|del[ea]s?|de ell[oa]s?|de el)\b")
# Of "write one to Maria at Globex about the import": Maria at Globex.
RECIPIENT = re.compile(
    r"\b(?:to|for|a|à|para|pr[ao]s?|ao|al)\s+(.+?)(?=\s+(?:about|saying|that|telling|asking|regarding|with|sobre|acerca|diciendo|dizendo|que|con|com|on|por)\b|\s+\w+(?:ing|ando|iendo|endo|ándo\w+|iéndo\w+)\b|[,.;:!?]|$)",
    re.IGNORECASE,
)
# "What do we know about Churnly?"
KNOWN = re.compile(r"\b(?:know|heard?|sabemos|sabes|se sabe|sabe|anything|everything|algo|todo|tudo)\b")
OF_THAT = re.compile(r"\b(?:that|those|them|eso|es[oa]s|isso|dess[ea]s|deles)\b")
NOT = re.compile(r"\bnot\b|n't\b|\bno\b|\bnao\b")
# Who says that they leave, or threatens to, in other words than "cancel"; and that they stay.
LEAVE = re.compile(
    r"(?:leav(?:e|es|ing)|left|quit\w*|churn(?:s|ed|ing)?|threaten\w*|irse|marchar\w*|dejar\w*|dejan?|amenaz\w*|ameac\w*|sair|sai|embora|deixar\w*|deixam?|abandon\w*|largar)"
)
REALLY = re.compile(r"(?:real|really|ir|va|van|vai|vao)")
STAY = re.compile(
    r"(?:stay(?:s|ing)?|remain(?:s|ing)?|quedar\w*|quedan?|seguir|siguen?|ficar\w*|ficam?|continuar\w*|continuam?|continuan?)"
)
# What became of something: others may tell it than who is named.
OUTCOME = re.compile(
    r"\b(?:end(?:ed)? up|ended|turn(?:ed)? out|outcome|settle[ds]?|resolved|solved|fixed|repaired|sorted|closed)\b|\b(?:como|en que) (?:acabo|termino|quedo|se resolvio)\b"
    r"|\bcomo (?:acabou|terminou|ficou|se resolveu)\b|\bem que (?:deu|ficou)\b|\b(?:resuelt|solucionad|arreglad|corregid|resolvid|corrigid|consertad)[oa]s?\b|\b(?:resolv(?:eu|io)|solucion(?:o|ou)|arreglo)\b"
)
OF_THOSE = re.compile(r"\bof (?:those|them|these)\b|\b(?:de|entre) (?:es[oa]s|est[oa]s|ell[oa]s)\b|\bdess[ea]s\b")
# "How healthy is the account?" in a conversation about one.
# What records tell of a customer, and promises and open points are called by.
OF_RECORD = re.compile(
    r"(?:pay\w*|paga\w*|ren(?:ew|ov|uev)\w*|plan(?:o|s|es|os)?|arr|contract\w*|contrat\w*|subscri\w*|suscri\w*|assinat\w*|champion\w*|contact\w*|contat\w*"
    r"|owners?|owns|respons\w*|dono|manag\w*|accounts?|cuentas?|contas?|status|estado|segment\w*|worth|values?|valor(?:es)?|vale[nm]?|prices?|precios?|precos?|cost\w*"
    r"|biggest|largest|grandes?|years?|anos?|an(?:ual|nual)\w*|months?|mes(?:es)?|mens\w+|expir\w+|venc\w*|ends?|open\w*|pend\w+|abert\w+|abiert\w+|promis\w*|promet\w*"
    r"|left|falt\w+|miss\w*|outstanding|issues?|matters?|items?|deliverables?|commitments?|asuntos?|temas?|compromis\w+|pendencias?|todos?|tasks?|tareas?|tarefas?|things?|points?|puntos?|pontos?|next|steps?|pasos?|passos?|quest\w+|pregunt\w+|pergunt\w+"
    r"|leads?|takes?|over|news?|nuev\w+|nov[oa]s?)"
)
NOT_RENEWED = re.compile(r"\b(?:no|nao|not|n't|won't|wont)\s+(?:\w+\s+){0,2}?ren(?:ew|ov|uev)\w*|\bnon-?renew\w*")
COMPLAINED = re.compile(r"\b(?:complain\w*|quej\w+|reclam\w+|queix\w+)")
PRAISED = re.compile(r"\b(?:prais\w+|thank\w*|compliment\w*|elogi\w+|agradec\w+|agradeci\w+|felicit\w+)")
# Somebody waits, or is owed something.
WAITS = re.compile(r"\bwait|\besper|\baguard|\bow(?:e|es|ing)\b|\bdeb(?:o|e|en|emos)\b|\bdev(?:o|e|em|emos)\b")
THE_ACCOUNT = re.compile(r"\b(?:the account|la cuenta|d?a conta|the customer|el cliente|d?o cliente)(?=\W*$)")
# "Have we replied?", and not "has she replied to what we sent?".
HAVE_WE = re.compile(r"(?:(?:and|so|ok|but)\W+)*(?:did|have|had) (?:i|we)\b")
SPEAKING = re.compile(r"habl|fal[aoe]|menc|talk|spok|speak|nombr|cit[aoe]|brought|compar")
RIVALS = re.compile(r"competencia|competition|concorrencia|rivales|rivais|rivals")
# Words of leaving and staying, however they end.
ENDING = re.compile(
    r"(?:leav|left|quit|churn|cancel|terminat|threat|stay|remain|real|amenaz|ameac|marcha|irse|deja|baja|rescin|qued|sigu|seguir|sai|sair|embora|deix|fic|continu|contrat|contract)"
)
# "And what did we answer?" is no question whether.
WHAT = re.compile(r"(?:and |y |e |so )?(?:what|que|o que|oq)\b")
OR = {"en": r"\bor\b", "es": r"\b[ou]\b", "pt": r"\bou\b"}
ANSWERED = re.compile(
    r"\b(?:answer|repl(?:y|ied|ies)|respon|contest|wr[oi]te back|written back)"
    r"|\b(?:did|have) (?:i|we) (?:tell|told|say|said|write|written)\b|\b(?:le|les|lhes?) (?:dije|dijimos|conte|contamos|escribi|escribimos|disse|dissemos|escrevi|escrevemos)\b"
)
# "Which customers …", "quiénes …": everybody who did something, not the best few mails.
WHO_ALL = re.compile(
    r"^(?:\S+ ){0,2}?(?:all|every|todos|tod[oa]s) (?:(?:of )?(?:my|our|the|los|las|os|as|mis|meus|nossos|nuestros) )?(?:customers?|clients?|accounts?|clientes|empresas|cuentas|contas) (?:that|who|which|que)\b|"
    r"^(?:and |so |y |e )?(?:(?:which|what) (?:of (?:our|my|the) )?(?:customers?|clients?|accounts?|companies)|who(?: else)?(?! (?:is|are|was|were)\b)"
    r"|(?:a |de |con )?(?:que|cuales|cual) (?:de (?:l[oa]s|mis|nuestros) )?(?:clientes?|empresas|cuentas)|(?:a |de )?quien(?:es)?(?! (?:es|son|era)\b)"
    r"|(?:cuales|quais|which(?: ones)?) (?:nos |me |ya |ja |no |nao )*(?:dij|dic|diss|diz|said|say|told|quier|quer|want|hab|pid|pediu|pedir|ask|mencion)\w*"
    r"|(?:cuales|quais|which(?: ones)?) (?:se |nos |me |ya |ja |no |nao )*(?:complained|complain|quej(?:aron|an)|reclam(?:aram|am|aron|an)|queixa(?:ram|m)|thanked|agradec(?:ieron|eram|en|em)|praised|elogia(?:ron|ram|n|m))"
    r"|(?:a |de )?(?:que|quais|qual) (?:d[oa]s (?:meus|nossos|minhas) )?(?:clientes?|empresas|contas)|(?:a |de )?quem(?! (?:e|sao|era)\b))\b"
)
