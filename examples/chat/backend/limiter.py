"""A sliding window per caller, in a dict.

It lives in one process and dies with it: after a restart everybody starts at zero, and two replicas would allow
twice as much. That is fine on one machine, and the first thing to move to Redis on several.
"""

import threading
import time
from collections import deque

WINDOW_SECONDS = 60


class Limiter:
    def __init__(self, per_minute):
        self.per_minute = per_minute
        self.calls = {}
        self.lock = threading.Lock()

    def allows(self, caller):
        now = time.monotonic()
        with self.lock:
            recent = self.calls.setdefault(caller, deque())
            while recent and now - recent[0] > WINDOW_SECONDS:
                recent.popleft()
            if len(recent) >= self.per_minute:
                return False
            recent.append(now)
            return True
