"""The health of a customer: engagement and sentiment, explained by their mails (requirements H3 and H4)."""
