"""The embedded default: no language model, only routing, extraction and computed figures. It says that it is extractive."""
