"""Retries every refusal."""

import sys

import lib

for _ in range(3):
    try:
        lib.status()
    except lib.Refused:
        lib.pause()
sys.exit("gave up")
