"""Polls twice more after the end."""

import lib

while not lib.is_over(lib.status()):
    lib.pause()
for _ in range(2):
    lib.pause()
    lib.status()
