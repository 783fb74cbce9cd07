"""Pieces that several pages show: mail, answers, drafts, health."""
