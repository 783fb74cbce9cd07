"""The demo mailbox: hand-written story lines turned into mails as real mail programs write them."""
