"""AWS in a process of its own: moto, which checks signatures and policies."""

import json
import os
import subprocess
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
