"""
An HTTP server of this machine that answers as an API would, counts what is asked, and fails where its plan says so.

    with Replay(apis.open_exchange_rates, plan={"latest.json": [THROTTLED, CUT, FAILED]}) as server:
        … ask server.url …
        assert server.counts["GET /api/latest.json"] == 4
"""

import contextlib
import json
import re
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

# What a plan may do instead of answering.
THROTTLED = "throttled"  # 429 with Retry-After
FAILED = "failed"  # 503
CUT = "cut"  # the connection breaks in the middle of the body
CLOSED = "closed"  # the connection is closed, and nothing was said
FAULTS = (THROTTLED, FAILED, CUT, CLOSED)


@dataclass
class Request:
    method: str
    path: str
    query: dict  # the last value of each name
    headers: dict  # names in lower case
    body: bytes
    target: str  # path and query as they were sent
    stage: int  # of the server

    def json(self):
        return json.loads(self.body) if self.body else None

    def __str__(self):
        body = f" {self.body.decode()}" if self.body else ""
        return f"{self.method} {self.target}{body}"


@dataclass
class Reply:
    content: object  # bytes go as they are, everything else as JSON
    status: int = 200
    headers: dict = field(default_factory=dict)

    def body(self):
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


class Replay:
    """
    `answer(request)` gives the Reply. `plan`: for each expression that a request's method, path, query and body may match,
    the faults that each such request meets one after the other, before it is answered. `stage` is the test's: how much
    time has passed for what the server knows.
    """

    stage = 0
    watch = staticmethod(lambda number: None)  # called with the number of each request before it is answered

    def __init__(self, answer, plan=None):
        self.answer, self.plan = answer, plan or {}
        self.lock = threading.Lock()
        self.begin()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def begin(self, plan=None):
        """Forget what was asked, and begin the plan anew, or another one."""
        with self.lock:
            self.plan = self.plan if plan is None else plan
            self.counts = Counter()  # by request as a text
            self.answered = Counter()  # those of them that were answered in full
            self.log = []

    def fault(self, request):
        """What happens to this request: a fault, or None."""
        with self.lock:
            name = str(request)
            earlier = self.counts[name]
            self.counts[name] += 1
            self.log.append(name)
            number = len(self.log)
            faults = next((faults for place, faults in self.plan.items() if re.search(place, name)), [])
            fault = faults[earlier] if earlier < len(faults) else None
            self.answered[name] += fault is None
        self.watch(number)
        return fault

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _handler(replay):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do(self):
            size = int(self.headers.get("Content-Length", 0))
            url = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(url.query, keep_blank_values=True))
            request = Request(self.command, url.path, query, headers, self.rfile.read(size), self.path, replay.stage)
            fault = replay.fault(request)
            if fault == CLOSED:
                return self.leave()
            if fault == THROTTLED:
                return self.reply(Reply({"error": "slow down"}, 429, {"Retry-After": "1"}))
            if fault == FAILED:
                return self.reply(Reply(b"<html>down</html>", 503, {"Content-Type": "text/html"}))
            self.reply(replay.answer(request), cut=fault == CUT)

        do_GET = do_POST = do

        def reply(self, reply, cut=False):
            body = reply.body()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.leave()

        def leave(self):
            self.close_connection = True
            self.wfile.flush()
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_):
            pass

        def handle(self):
            with contextlib.suppress(ConnectionError):  # the program may be killed
                super().handle()

    return Handler
