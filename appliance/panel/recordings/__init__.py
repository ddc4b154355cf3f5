"""Recordings as the browser's player gets them."""
