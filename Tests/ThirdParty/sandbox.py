"""Starts `wechatpay sandbox` and speaks to it as a person at the phone and a merchant's server would."""
import datetime
import http.server
import json
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
import urllib.request

PATIENCE = 30  # seconds in which anything on this machine must have happened


class Sandbox:
    """A running `wechatpay sandbox` with a state of its own. Use it in a `with`."""

    def __init__(self, *options, command=None):
        """`options` are more options of the command, such as "--proxy-port", "0"."""
        self.command = command or os.environ.get("WECHATPAY", ".build/debug/wechatpay")
        self.options = options

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="wechatpay-third-party-")
        self.state = pathlib.Path(self._folder.name, "sandbox")
        self._log = open(pathlib.Path(self._folder.name, "log"), "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [self.command, "sandbox", "--port", "0", "--state", str(self.state), "--allow-http-notify", *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, text=True)
        try:
            expected = ["sandbox"]
            expected += ["sandbox-tls"] if "--tls-port" in self.options else []
            expected += ["sandbox-proxy"] if "--proxy-port" in self.options else []
            self.urls = self._ready(expected)
            self.url = self.urls["sandbox"]
            self.setup = json.loads((self.state / "sandbox.json").read_text(encoding="utf-8"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.exit_code = self._process.poll()
        if self.exit_code is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self.exit_code = self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self.exit_code = self._process.wait()
        self._process.stdout.close()
        self._log.close()
        self._folder.cleanup()

    def _ready(self, expected):
        """The addresses in the JSON lines that say what is ready. What follows on stdout is read and forgotten."""
        lines = queue.Queue()

        def read():
            for line in self._process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        urls = {}
        try:
            while set(urls) < set(expected):
                line = lines.get(timeout=PATIENCE)
                if line is None:
                    break
                event = json.loads(line)
                if event.get("event") == "ready":
                    urls[event["name"]] = event["url"].rstrip("/")
            if set(urls) == set(expected):
                return urls
        except queue.Empty:
            pass
        self._log.seek(0)
        raise RuntimeError(f"{self.command} sandbox did not become ready:\n{self._log.read()}")

    def merchant(self, key_mode, role="merchant"):
        """The first merchant of a key mode and role, as sandbox.json has it, and one of its users."""
        merchant = next(m for m in self.setup["merchants"] if m["key_mode"] == key_mode and m["role"] == role)
        user = next(u for u in self.setup["users"] if u["appid"] == merchant["appid"])
        return merchant, user

    def pem(self, merchant, name):
        """A PEM file that sandbox.json names."""
        return (self.state / merchant[name]).read_text(encoding="utf-8")

    def control(self, path, body):
        """POST /_sandbox/…: the answer, or urllib's HTTPError."""
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"null")

    def look(self, path):
        """GET /_sandbox/…"""
        with urllib.request.urlopen(f"{self.url}/_sandbox/{path}", timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def remove_faults(self):
        request = urllib.request.Request(
            f"{self.url}/_sandbox/faults", method="DELETE", headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def advance(self, **duration):
        """Moves business time on; what falls due meanwhile has been done when this returns."""
        return self.control("clock/advance", {"seconds": int(datetime.timedelta(**duration).total_seconds())})


class Received:
    """One notification: its headers, spelt as they came, and its raw body."""

    def __init__(self, headers, body):
        self.headers = headers
        self.body = body


class NotifyServer:
    """A merchant's server that keeps what WeChat sends, and answers with the statuses it was given, then 204.

    API v2 wants a document in the answer: with `answer` it says this, and 200.
    """

    def __init__(self, answer=b""):
        self._received = queue.Queue()
        self._statuses = queue.Queue()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status = owner._statuses.get_nowait()
                except queue.Empty:
                    status = 200 if answer else 204
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                # A plain dict: a client that looks headers up by their exact names must find them.
                owner._received.put(Received(dict(self.headers.items()), body))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/notify"

    def answer_next_with(self, status):
        self._statuses.put(status)

    def next(self):
        """The next notification, or queue.Empty."""
        return self._received.get(timeout=PATIENCE)

    @property
    def is_idle(self):
        return self._received.empty()
