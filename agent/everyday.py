"""The words that questions are framed with, in English, Spanish and Portuguese: folded."""

from __future__ import annotations

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
    boss manager jefe jefa chefe oldest older earliest antiguo antigua antiguos antiguas antigo antiga antigos antigas viejo vieja velho velha
    new newest nuevo nuevos nueva nuevas novo novos nova novas
    hora horas longest punto pe ponto currently current actual atual ahora agora why porque motivo razon razao reason reasons
    open abierto abiertos abierta abiertas aberto abertos aberta abertas status estado situacion situacao
    exchanged exchanging intercambiado intercambiamos intercambiaron cruzado cruzamos habido dio dieron dimos
    pide piden pedia pedian queria querian opino opinaron parecio quedo quedamos quedaron acabo acabaron conto contaron estamos estais
    trocamos trocaram trocados trocado houve deu deram achou acharam contou ficou ficaram ficamos acabou acabaram queriam estamos
    long many much often cuantos cuantas cuanto cuanta quantos quantas quanto quanta veces vezes frecuencia frequencia
    """.split()
)
