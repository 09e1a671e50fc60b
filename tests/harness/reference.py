"""dlt as a program beside the tests: one process per version, which runs one load after another."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness import weir

WORKER = Path(__file__).with_name("dlt_worker.py")


class Reference:
    """`home` takes what dlt writes for itself, and what it prints."""

    def __init__(self, python, home):
        self.home = home
        self.log = open(home / "dlt.log", "w")
        env = weir.environment(home, DLT_DATA_DIR=str(home), RUNTIME__DLTHUB_TELEMETRY="false")
        self.process = subprocess.Popen(
            [python, str(WORKER)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )

    def run(self, load, run, folder, data, succeeds=True, env={}):
        """Run number `run` of `load` in `folder`, with a working folder `data` of its own; returns the load ids."""
        job = {"load": load, "run": run, "folder": str(folder), "data": str(data), "env": env}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"dlt died, see {self.log.name}"
        answer = json.loads(line)
        assert answer["ok"] == succeeds, answer.get("error", "it did not fail")
        return answer.get("loads", [])

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.log.close()


def python_131():
    return sys.executable


def python_126():
    """An interpreter with dlt 1.26.0, as tests/requirements-1.26.txt pins it."""
    path = os.environ.get("WEIR_DLT126_PYTHON", weir.ROOT / "build" / "venv-126" / "bin" / "python")
    assert Path(path).exists(), f"no interpreter '{path}': tools/setup test makes it; or set WEIR_DLT126_PYTHON"
    return path
