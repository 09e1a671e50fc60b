"""What the benchmarks share: measured runs of commands, lines of results, goals, and the peers."""

import functools
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "bench" / "peers"
WEIR = Path(os.environ.get("WEIR_BIN", ROOT / "build" / "release" / "bin" / "weir"))

ROW = "{:<44} {:>10} {:>10} {:>10}"


def bench(name):
    """The program of bench/NAME.c."""
    return WEIR.parent / f"bench-{name}"


@functools.cache
def environment(name, requirements):
    """A Python environment below build/; None when it cannot be made."""
    folder = ROOT / "build" / name
    made = subprocess.run([ROOT / "tools" / "venv", folder, ROOT / "bench" / requirements], check=False)
    return folder / "bin" if made.returncode == 0 else None


def peer(script):
    """The words that start a program of bench/peers."""
    named = os.environ.get("WEIR_BENCH_PYTHON")
    folder = None if named else environment("venv-bench", "requirements.txt")
    if not named and not folder:
        sys.exit("bench: error: dlt and DuckDB cannot be installed\nbench: hint: see what pip says above")
    return [named or folder / "python", PEERS / script]


def count_rows(database):
    words = [*peer("count_rows.py"), database, "raw"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def compare(folder):
    """Did weir and dlt load the same?"""
    ours, theirs = count_rows(folder / "weir.duckdb"), count_rows(folder / "dlt.duckdb")
    if ours != theirs:
        sys.exit(f"bench: error: the rows differ\nweir: {ours}\ndlt:  {theirs}")
    print(f"  the same as dlt: {sum(ours.values()):,} rows in {len(ours)} tables")


def head(times):
    print(f"medians of {times}; load of the machine before: {os.getloadavg()[0]:.1f}\n")
    print(ROW.format("", "wall ms", "CPU ms", "peak MiB"), flush=True)


class Measured:
    """What the runs of one command took."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "measured"
        self.runs = []
        self.printed = []

    def run(self, *command, **env):
        self.file.unlink(missing_ok=True)
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **env}
        words = [bench("measure"), self.file, *map(str, command)]
        done = subprocess.run(words, cwd=self.folder, env=clean, capture_output=True, text=True, check=True)
        wall, cpu, memory, status = self.file.read_text().split()
        if status != "0":
            sys.exit(f"bench: error: {' '.join(map(str, command))} ended with {status}\n{done.stderr}")
        self.runs.append((float(wall), float(cpu), int(memory) / 1024))
        self.printed.append(done.stdout)

    def median(self, what):
        return statistics.median(run[what] for run in self.runs)

    @property
    def wall(self):
        return self.median(0)

    @property
    def cpu(self):
        return self.median(1)

    @property
    def memory(self):
        return self.median(2)

    def show(self, name):
        print(ROW.format(name, f"{self.wall * 1000:.1f}", f"{self.cpu * 1000:.1f}", f"{self.memory:.1f}"), flush=True)


missed = []


def goal(name, value, least=None, most=None):
    """Print a ratio with its goal."""
    met = value >= least if least is not None else value <= most
    wanted = f"at least {least:.4g}" if least is not None else f"at most {most:.4g}"
    print(f"  {name}: {value:.2f} ({wanted}: {'met' if met else 'MISSED'})\n", flush=True)
    if not met:
        missed.append(name)


def finish():
    if missed:
        sys.exit("bench: missed: " + "; ".join(missed))
