"""Polls with a pause, obeys Retry-After, stops when it is denied, and stops at the end."""

import sys

import lib

while True:
    try:
        if lib.is_over(lib.status()):
            break
        lib.pause()
    except lib.Refused as refused:
        if not refused.code.startswith("Throttling"):
            sys.exit(f"gave up: {refused.code}")
        lib.pause(refused.wait + 0.05)
