"""The demo in a real browser: what a stranger sees after `make demo`, up to a mail in Sent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Watch
from tests.browser.demo import CSM, Demo

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

QUESTION = "What was discussed with Acme about renewal?"
REQUEST = "Write a reply to Maria's last email thanking her for the feedback and asking to refer a case."
MARIA, SUBJECT = "maria.keller@globex.example", "Re: New dashboards for your workspace"
ROWS = '[class*="st-key-mail-"]'
PAGES = ("/chat", "/customers", "/drafts", "/unassigned", "/alerts", "/settings", "/settings-health")
_OVERFLOW = """() => [document.scrollingElement, ...document.querySelectorAll('.stMain')]
  .map(held => held.scrollWidth - held.clientWidth)"""
_HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=http://evil.example/meta">
<link rel="stylesheet" href="http://evil.example/style.css"><script>window.hacked = 1</script></head>
<body background="http://evil.example/background.png" onload="window.hacked = 1">
<p>Our logistics report is attached.</p>
<img src="http://evil.example/pixel.gif"><img src="x" onerror="window.hacked = 1">
<div style="background:url(http://evil.example/css.png)">![x](http://evil.example/markdown.png)</div>
<p>&lt;img src="http://evil.example/escaped.png" onerror="window.hacked = 1"&gt;</p>
<iframe src="http://evil.example/frame"></iframe><a href="javascript:window.hacked = 1">Click here</a>
</body></html>"""


def keyed(page: Page | Locator, prefix: str) -> Locator:
    """The containers whose key begins so."""
    return page.locator(f'[class*="st-key-{prefix}"]')


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def open_customer(page: Page, demo: Demo, name: str) -> None:
    page.goto(f"{demo.url}/customers")
    page.get_by_text(name, exact=True).click()
    page.get_by_role("button", name="Show older", exact=True).wait_for()  # the last thing on the page


def sync_now(page: Page, demo: Demo) -> None:
    """Settings → Gmail → Sync now, until the sync has read everything that lies in the mailbox."""
    page.goto(f"{demo.url}/settings")
    listed = page.get_by_text(re.compile(r"^Coverage: [\d,]+ of [\d,]+ mails"))
    before = listed.inner_text()
    page.get_by_role("button", name="Sync now").click()
    page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)
    page.get_by_text("Last success: just now").wait_for()


def test_a_question_is_answered_cited_and_a_reply_is_sent_once(
    page: Page, demo: Demo, picture: Callable[[Page, str], None]
) -> None:
    page.goto(demo.url)
    page.get_by_text("every statement cites its mail").wait_for()
    ask(page, QUESTION)
    sources = keyed(page, "sources-0").get_by_role("button")
    sources.first.wait_for()
    page.get_by_text("26 mails searched · Acme Robotics").wait_for()

    quote = re.search(r"“([^”]+)”\s*1\b", page.locator(".lu-answer").inner_text())
    assert quote, "the first bullet quotes the first source"
    sources.first.click()
    mail = page.get_by_role("dialog")
    assert mail.locator("mark").inner_text().split() == quote.group(1).split()  # it may hold the break of a paragraph
    assert "@acme.example" in mail.inner_text()
    gmail = mail.get_by_role("link", name="Open in Gmail").get_attribute("href") or ""
    assert gmail.startswith(f"https://mail.google.com/mail/u/?authuser={CSM.replace('@', '%40')}#all/")
    page.keyboard.press("Escape")
    mail.wait_for(state="detached")

    thread = demo.thread_of(SUBJECT, MARIA)
    ask(page, REQUEST)
    card = keyed(page, "draft-")
    send = card.get_by_role("button", name="Send", exact=True)
    send.wait_for()
    before = demo.sent()
    fields = card.locator(".lu-fields").inner_text().split("\n")
    shown = card.locator("code").text_content()
    assert dict(zip(fields[::2], fields[1::2], strict=True)) == {
        "From": f"Ana Torres <{CSM}>",
        "To": f"Maria Keller <{MARIA}>",
        "Subject": SUBJECT,
    }
    send.scroll_into_view_if_needed()
    picture(page, "chat.png")

    send.dblclick()
    card.get_by_role("link", name="Sent · Open in Gmail").wait_for()
    assert card.get_by_role("button", name="Send", exact=True).count() == 0
    after = demo.sent()
    assert [held.gmail_id for held in after[1:]] == [held.gmail_id for held in before], "exactly one more"
    sent = after[0]
    assert sent.thread_id == thread
    assert (sent.message["From"], sent.message["To"], sent.message["Subject"]) == (
        f"Ana Torres <{CSM}>", f"Maria Keller <{MARIA}>", SUBJECT,
    )  # fmt: skip
    body = sent.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == (shown or "").splitlines()

    sync_now(page, demo)
    open_customer(page, demo, "Globex Logistics")
    rows = keyed(page, "mail-").filter(has_text="Thank you for the feedback")
    assert rows.count() == 1
    assert "→" in rows.inner_text()
    assert len(demo.sent()) == len(after)


def test_a_customer_shows_health_contacts_and_a_timeline_that_filters(
    page: Page, demo: Demo, picture: Callable[[Page, str], None]
) -> None:
    open_customer(page, demo, "Globex Logistics")
    page.get_by_text("Why this score").wait_for()
    page.get_by_text(MARIA, exact=True).first.wait_for()
    picture(page, "customer.png")
    rows = keyed(page, "mail-")
    shown = rows.count()  # health changes stand between the mails: 20 entries in all
    assert 10 <= shown <= 20

    text = page.get_by_label("Text")
    text.fill("Lübeck")
    text.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length < {shown}")
    rows.first.filter(has_text="Lübeck").wait_for()
    text.fill("")
    text.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length == {shown}")

    received = page.get_by_role("option", name="Received")
    for _ in range(6):  # a rerun of the page closes what is open
        page.wait_for_timeout(1_500)
        page.get_by_role("combobox", name="Direction").click()
        if received.count():
            break
    received.click()
    page.wait_for_function("!document.querySelector('.lu-out')")
    assert set(rows.locator(".lu-arrow").all_inner_texts()) == {"←"}


def test_settings_show_the_connection_and_account_for_every_mail(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/settings")
    page.get_by_text("Connected", exact=True).wait_for()
    page.get_by_text("Reply from LealUp is on").wait_for()
    assert CSM in page.inner_text("body")
    page.get_by_text(re.compile(r"^Coverage: ")).click()
    table = page.locator(".lu-table")
    table.wait_for()
    counted = {
        row.locator("td").nth(0).inner_text(): int(row.locator("td").nth(1).inner_text().replace(",", ""))
        for row in table.locator("tr").all()
    }
    listed = counted.pop("Listed in Gmail")
    assert listed > 250
    assert counted["Still to be read"] == 0
    assert sum(counted.values()) == listed


def test_hostile_mail_is_inert(page: Page, demo: Demo, watch: Watch) -> None:
    demo.deliver(hostile_mail())
    sync_now(page, demo)
    open_customer(page, demo, "Globex Logistics")
    row = keyed(page, "mail-").filter(has_text="Logistics report")
    row.get_by_role("button", name="Open").click()
    mail = page.get_by_role("dialog")
    mail.get_by_text("Our logistics report is attached.").wait_for()
    assert "<b>bold</b>" in mail.inner_text(), "a subject is text"
    assert mail.locator("img, iframe, script, b").count() == 0
    page.keyboard.press("Escape")
    mail.wait_for(state="detached")

    injected = keyed(page, "mail-").filter(has_text="Updated delivery calendar")
    injected.get_by_role("button", name="Open").click()
    mail.get_by_text("SYSTEM NOTE TO THE ASSISTANT").wait_for()  # shown as the text it is
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    assert watch.hosts == {"127.0.0.1"}


def hostile_mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Jonas Weber <jonas.weber@globex.example>", f"Ana Torres <{CSM}>"
    message["Subject"] = (
        'Logistics report <b>bold</b> <img src="http://evil.example/s.png"> ![x](http://evil.example/m.png)'
    )
    message["Message-ID"] = "<hostile@globex.example>"
    message.set_content(_HOSTILE, subtype="html")
    return message


@pytest.mark.parametrize("page", [400], indirect=True)
def test_no_page_scrolls_sideways_on_a_narrow_screen(page: Page, demo: Demo) -> None:
    for path in PAGES:
        page.goto(f"{demo.url}{path}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        assert max(page.evaluate(_OVERFLOW)) <= 0, path
    open_customer(page, demo, "Globex Logistics")
    keyed(page, "mail-").first.wait_for()
    assert max(page.evaluate(_OVERFLOW)) <= 0, "a customer"
    page.goto(demo.url)
    ask(page, QUESTION)
    keyed(page, "sources-0").wait_for()
    assert max(page.evaluate(_OVERFLOW)) <= 0, "an answer"


def test_sigterm_ends_the_demo_with_everything_it_started(demo: Demo) -> None:
    running = demo.processes()
    assert len(running) >= 3, "the pages, the local Gmail, the vector index"
    assert demo.stop() == 0
    deadline = time.monotonic() + 5
    while demo.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert demo.processes() == {}
