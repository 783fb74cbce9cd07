"""Ordinary words of business that are also part of customers' and people's names."""

from __future__ import annotations

from crm.signals.language import Language


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Folded. In the question's own language such a word names somebody only with a capital letter; in no language
# does it stand for a misspelt name.
ORDINARY: dict[Language, frozenset[str]] = {
    "en": _words(
        """acute alpha apex art atlas bakery bank base beta bright bridge capital care center central circle
        city clear cloud company corp core delta digital direct dev dynamic edge editorial energy
        engineering express first focus food foods foundation fresh future general global grand green
        group harbor health home hotel hotels house impact industries insight insurance international key
        labs legal light link logistics market marketing media metro modern nation national network next
        north office open orange partners pilot pioneer platform point power premier prime pro project
        pulse quick rapid red retail river robotics school service services shop signal silver simple
        smart software solid solution solutions source south spark star store stream studio summit
        supplies supply support systems target team tech technologies technology the trade traders travel
        trust united university value vision water wave west white world zoom bill chase dawn drew faith
        frank grace grant hank hope joy mark max miles pat pierce ray rich rob rose sandy skip sue summer
        victor ward wade will"""
    ),
    "es": _words(
        """alianza alimentos andina andinas andino andinos asesores atlas banca banco base bodega bodegas
        calle camino casa central centro ciudad clara claro clinica colegio comercial compania
        construcciones consultora consultores consultoria correo cruz despacho digital distribuciones
        edificio editorial empresa energia escuela espiga estrella estudio express fabrica farmacia flor
        fuente fundacion futuro general global grupo hogar hotel hoteles iberica ibericas iberico ibericos
        industria industrias inmobiliaria instituto internacional laboratorio laboratorios libreria
        logistica luna luz marca mercado mercados moda molino monte mundo nacional negocio norte nueva
        nuevo obra obrador oficina oficinas panaderia papel pilar planta plaza portal prado primera
        primero progreso puente puerto punto red rio salud seguro seguros servicio servicios sistema
        sistemas sol solucion soluciones sur tecnologia tecnologias tienda tiendas torre transporte
        transportes turismo unidad universal universidad valle verde verdes viajes vida villa vino vinos
        alma angel consuelo dolores esperanza gloria leal mercedes paz pardo ramos reyes rosa rosario
        socorro soledad"""
    ),
    "pt": _words(
        """agencia alianca alimentos atlas banca banco base bola brasa brasil caminho casa central centro
        cidade claro clinica colegio comercial companhia construtora consultoria correio digital
        distribuidora editora empresa energia escola espiga estrela estudio expresso fabrica farmacia flor
        fonte fundacao futuro geral global grupo hotel industria industrias instituto internacional
        laboratorio lar livraria logistica loja lojas lua luz marca mercado mercados moda monte mundo
        nacional negocio norte nova novo oficina oficinas padaria papel planta ponte ponto porto praia
        primeira primeiro progresso rede rio saude seguradora seguro seguros servico servicos sistema
        sistemas sol solucao solucoes sul tecnologia torre transporte transportes turismo unidade
        universal universidade vale verde verdes viagens vida vila vinho vinhos alma anjo cruz esperanca
        fe gloria lima nobre pardo paz ramos reis rosa santos"""
    ),
}
ORDINARY_ANYWHERE: frozenset[str] = frozenset().union(*ORDINARY.values())
ADJECTIVES = _words(
    "andina andinas andino andinos iberica ibericas iberico ibericos nacional internacional universal international national"
)
"""Those that need a noun: without one they are a name."""
