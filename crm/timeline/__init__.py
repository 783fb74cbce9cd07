"""The unified timeline of a customer: its mails, notes, health changes and alerts in one order, newest first."""
