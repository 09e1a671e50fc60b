"""Runs the weir program in a folder of the test, in an environment that holds nothing of the tester's."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120
KEPT = ("PATH", "TMPDIR", "DUCKDB_HOME", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def program(variable, preset):
    """The program that the environment names, or the one of a build folder."""
    path = Path(os.environ.get(variable, ROOT / "build" / preset / "bin" / "weir"))
    assert path.exists(), f"no program '{path}': build it (cmake --preset {preset}), or set {variable}"
    return path


def release():
    return program("WEIR_BIN", "release")


def faults():
    return program("WEIR_FAULTS_BIN", "faults")


def sanitized(kind):
    """The program with fault points that reports what the sanitizers for "memory" or "threads" find."""
    return program(*{"memory": ("WEIR_DEV_BIN", "dev"), "threads": ("WEIR_TSAN_BIN", "tsan")}[kind])


@dataclass
class Result:
    status: int
    out: str
    err: str

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def environment(folder, **more):
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "HOME": str(folder), "LC_ALL": "C.UTF-8", **more}


def run(folder, *arguments, binary=None, prefix=(), expect=0, stdin="", **env):
    """
    Run `weir ARGUMENTS` in `folder` and expect an exit status; `expect=None` takes any. `prefix`: words in front of the
    command. `stdin`: text for the standard input.
    """
    done = subprocess.run(
        [*prefix, binary or release(), *map(str, arguments)],
        cwd=folder,
        env=environment(folder, **env),
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT_S,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    assert not any(report in result.err for report in REPORTS), result
    assert expect is None or result.status == expect, result
    return result


def start(folder, *arguments, **env):
    """As run(), but does not wait; the caller does."""
    return subprocess.Popen(
        [release(), *map(str, arguments)],
        cwd=folder,
        env=environment(folder, **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
