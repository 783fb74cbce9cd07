"""Alerts: when a customer needs somebody's eyes, why, and who was told (requirement H5)."""
