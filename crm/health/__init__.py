"""The health of a customer: engagement and sentiment, explained by the mails behind them (requirements H3 and H4)."""
