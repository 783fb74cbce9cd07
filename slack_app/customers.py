"""What Slack shows of customers: a card, health, or the choice between several that fit a name."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from crm.customer_list import lowest
from crm.customers import Customer, get_customer, list_customers, pick_customer
from crm.errors import AmbiguousCustomer
from crm.health.assess import assess
from crm.health.owed import owed
from crm.health.policy import policy_of
from crm.identity import Principal
from crm.mails import MailFilter, list_mails
from slack_app.blocks.customer import Choice, Purpose, choice, customer_card, health_card, health_list
from slack_app.blocks.text import Message
from slack_app.deps import Deps


def about(deps: Deps, principal: Principal, name: str, purpose: Purpose) -> Message:
    """The customer of that name, or buttons when it fits several. Raises `UnknownCustomer`."""
    with deps.database.read() as session:
        customers = list_customers(session, principal.workspace_id)
        try:
            chosen = pick_customer(customers, name)
        except AmbiguousCustomer as error:
            return choice(name, [held for held in customers if held.name in error.candidates], purpose)
        return _about(session, deps, principal, chosen, purpose)


def about_chosen(deps: Deps, principal: Principal, chosen: Choice) -> Message:
    """The customer whose button was pressed. Raises `UnknownCustomer`."""
    with deps.database.read() as session:
        customer = get_customer(session, principal.workspace_id, chosen.customer_id)
        return _about(session, deps, principal, customer, chosen.purpose)


def all_health(deps: Deps, principal: Principal) -> Message:
    """Everybody's health, or of many customers the lowest by their newest snapshots; each is assessed as of now."""
    now, workspace_id = deps.clock(), principal.workspace_id
    with deps.database.read() as session:
        customers = list_customers(session, workspace_id)
        shown = lowest(session, workspace_id, customers, now)
        policy = policy_of(session, workspace_id)
        found = [assess(session, workspace_id, held, now, policy=policy) for held in shown]
    return health_list(found, len(customers))


def _about(session: Session, deps: Deps, principal: Principal, customer: Customer, purpose: Purpose) -> Message:
    now = deps.clock()
    health = assess(session, principal.workspace_id, customer, now)
    if purpose == "health":
        return health_card(health)
    by_hand = MailFilter(customer_ids=[customer.id], until=now, human_only=True)
    last = list_mails(session, principal.workspace_id, by_hand, newest_first=True, limit=1)
    health = replace(health, responses=owed(session, principal.workspace_id, health.responses, now))
    return customer_card(customer, health, last[0] if last else None, now, principal.zone)
