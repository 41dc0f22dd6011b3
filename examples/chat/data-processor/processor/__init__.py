"""Figures about the chat."""
