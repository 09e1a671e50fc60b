"""AWS in a process of its own: moto, which checks signatures and policies."""

import http.server
import json
import os
import ssl
import subprocess
import threading
from pathlib import Path

from harness import weir


def python():
    path = os.environ.get("WEIR_MOTO_PYTHON", weir.ROOT / "build" / "venv-moto" / "bin" / "python")
    assert Path(path).exists(), f"no interpreter '{path}': tools/setup test makes it; or set WEIR_MOTO_PYTHON"
    return path


class Moto:
    """A user "loader" who may read secrets and assume the role "reader", who may, too; and a "stranger" who may nothing."""

    REGION = "eu-west-2"

    def __init__(self, folder, secrets):
        self.log = open(folder / "moto.log", "w+")
        self.process = subprocess.Popen(
            [python(), Path(__file__).with_name("moto_worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.process.stdin.write(json.dumps({"secrets": secrets, "region": self.REGION}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"moto did not start, see {self.log.name}"
        said = json.loads(line)
        self.url, self.role, self._keys = said["url"], said["role"], said["keys"]
        self.id, self.secret = self._keys["loader"]["id"], self._keys["loader"]["secret"]

    def keys(self, user="loader"):
        """The environment of a user."""
        key = self._keys[user]
        return {"AWS_ACCESS_KEY_ID": key["id"], "AWS_SECRET_ACCESS_KEY": key["secret"], "AWS_ENDPOINT_URL": self.url}

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.log.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"]
        self.server.asked.append(name)
        found = name in self.server.secrets
        answer = {"SecretString": self.server.secrets[name]} if found else {"__type": "ResourceNotFoundException"}
        body = json.dumps(answer).encode()
        self.send_response(200 if found else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Vault(http.server.ThreadingHTTPServer):
    """Gives secrets to everybody, and remembers which were `asked` for; with a certificate it speaks TLS."""

    def __init__(self, secrets, certificate=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secrets, self.asked = secrets, []
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_address[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            # the handshake is left to the thread of the connection: one that fails is nothing to the others
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *error):
        self.shutdown()
        super().__exit__(*error)

    def handle_error(self, *_):
        pass  # clients that trust nobody hang up
