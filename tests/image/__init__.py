"""Tests of the image and of what is made for it."""
