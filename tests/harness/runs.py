"""Runs of a load, as files of JSON lines and what is done with them, before either engine knows of them."""

import datetime
import gzip
import json
import os
import shutil
from dataclasses import dataclass

COPIED = "events.jsonl"  # the file that `weir copy` loads


@dataclass
class File:
    lines: list  # texts, one JSON value each
    path: str = COPIED
    end: str = "\n"  # of each line
    last_end: bool = True  # is there one behind the last line?
    time: float | None = None  # when it was changed; None: now
    packed: bool = False

    def content(self):
        text = self.end.join(self.lines) + (self.end if self.lines and self.last_end else "")
        content = text.encode("utf-8", "surrogateescape")
        return gzip.compress(content, mtime=0) if self.packed else content


@dataclass
class Run:
    files: list  # all that are there
    write: str = "append"  # with `weir copy`
    pipeline: dict | None = None  # what the TOML file of the pipeline says of its source; None: `weir copy`


@dataclass
class Case:
    feature: str
    name: str
    runs: list
    table: str = "events"  # this and what follows: of `weir copy`, a pipeline says it itself
    dataset: str = "raw"
    nesting: int | None = None


def write_files(run, folder):
    folder.mkdir(parents=True)
    for file in run.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content())
        if file.time is not None:
            os.utime(path, (file.time, file.time))


def lay_out(files, folder):
    """Make the files of a run the content of a folder: a file that stays has the same URL in each run, and its time."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(files, folder)


def toml(value):
    """A value as TOML has it, tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else repr(value)


def pipeline_text(source, folder):
    """The file of a pipeline over the files of a folder."""
    settings = {"bucket_url": folder.as_uri(), **source}
    lines = [f"{key} = {toml(value)}" for key, value in settings.items()]
    head = ["[pipeline]", 'destination = "duckdb"', 'dataset_name = "raw"', "", "[source.filesystem]"]
    return "\n".join([*head, *lines, ""])
