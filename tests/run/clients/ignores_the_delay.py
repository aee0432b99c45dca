"""Retries at once when it is throttled."""

import lib

while True:
    try:
        if lib.is_over(lib.status()):
            break
        lib.pause()
    except lib.Refused:
        lib.pause(0.06)
