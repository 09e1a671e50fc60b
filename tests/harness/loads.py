"""Runs one load through weir and through dlt, each in a folder of its own."""

from harness import csource, weir


def drop_words(load, drop):
    """A drop as the words of the command: {"resources", "state_paths", "drop_all", "state_only"}, each may be missing."""
    words = ["pipeline", "drop", load["pipeline"], *drop.get("resources", []), "--yes"]
    words += [f"--{name.replace('_', '-')}" for name in ("drop_all", "state_only") if drop.get(name)]
    return words + (["--state-paths", ",".join(drop["state_paths"])] if drop.get("state_paths") else [])


def weir_run(folder, load, run=0, emit="cells", **options):
    """Write the load's C file and run it in `folder`; what is to be dropped before the run goes first."""
    for drop in csource.drops(load, run):
        weir.run(folder, *drop_words(load, drop))
    source = folder / f"{load['pipeline']}.c"
    source.write_text(csource.pipeline(load, run, emit))
    return weir.run(folder, "run", source.name, **options)


def succeeds(load, run):
    """Is this run of a load one that should? `outcomes` tells, where there are any."""
    return load.get("outcomes", [])[run : run + 1] in ([], [True])


def weir_all(folder, load, emit="cells", **env):
    """All runs of a load through weir; returns the DuckDB file."""
    folder.mkdir(exist_ok=True)
    for run in range(len(load["runs"])):
        weir_run(folder, load, run, emit, expect=0 if succeeds(load, run) else 1, **env)
    return folder / f"{load['pipeline']}.duckdb"


def dlt_all(reference, folder, load, env={}):
    """All runs of a load through dlt; returns the DuckDB file."""
    folder.mkdir(exist_ok=True)
    for run in range(len(load["runs"])):
        reference.run(load, run, folder, folder / "dlt", succeeds(load, run), env)
    return folder / f"{load['pipeline']}.duckdb"
