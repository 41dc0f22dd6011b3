"""python -m app.probe URL: ends with 0 if URL answers 200. The image has no curl, and does not need one."""

import sys
import urllib.request

try:
    urllib.request.urlopen(sys.argv[1], timeout=2)
except OSError as problem:
    sys.exit(str(problem))
