#!/usr/bin/env python3
"""The fleet index beside DuckDB and SQLite, and beside a second evaluator that shares nothing with it.

Usage: fleet.py EDGECTL [--bench PROGRAM] [--devices N] [--duckdb PYTHON] [--sqlite-devices N] [--folder DIR] [--sample N]

First `edgectl target count` is compared with the second evaluator, over --sample devices, before and after changes; that takes seconds, and
is what the tests run. With --bench (the program that `cargo build --release --bench fleet` makes) the steps are measured, beside the peers.

Every engine reads the same file, answers the same conditions and takes the same changes. Printed are processor seconds (user and system,
all threads) and the peak of memory after each step, the median of three runs of ours and of DuckDB. DuckDB gets its columns declared,
those that the conditions read and no others. SQLite keeps the twins as JSON and reads them with json_extract; its figures for more
devices than --sqlite-devices are extrapolated.
"""

import argparse
import json
import operator
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = "7"
CONDITIONS = 100
CHANGES = 10_000
MISSING = object()

# --- data


def generate(folder, name, *arguments):
    """Writes a file of the generator once; a broken attempt is not taken for a file."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        part = path + ".part"
        subprocess.run([sys.executable, os.path.join(HERE, "gen_fleet.py"), "--seed", SEED, "--out", part, *arguments], check=True)
        os.rename(part, path)
    return path


def files(folder, devices):
    os.makedirs(folder, exist_ok=True)
    fleet = generate(folder, f"fleet-{devices}-{SEED}.jsonl", "--n", str(devices))
    conditions = generate(folder, f"conditions-{CONDITIONS}-{SEED}.jsonl", "--conditions", str(CONDITIONS))
    changes = min(CHANGES, devices // 10)
    churn = generate(folder, f"changes-{changes}-of-{devices}-{SEED}.jsonl", "--churn", str(changes), "--n", str(devices))
    return fleet, conditions, churn


def rows(path, limit=None):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == limit:
                return
            yield json.loads(line)


# --- a second evaluator: conditions become Python functions of a twin; True, False, or None for undefined

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z_$][\w$.]*|-?\d+(?:\.\d+)?|<>|!=|<=|>=|[=<>()\[\],])")


class Parser:
    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text):
            raise ValueError(f"not understood: {text}")
        self.tokens.append("")

    def word(self):
        return self.tokens[0].upper()

    def take(self):
        return self.tokens.pop(0)

    def condition(self):
        parts = [self.conjunction()]
        while self.word() == "OR":
            self.take()
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda twin: either([part(twin) for part in parts])

    def conjunction(self):
        parts = [self.negation()]
        while self.word() == "AND":
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda twin: opposite(either([opposite(part(twin)) for part in parts]))

    def negation(self):
        if self.word() != "NOT":
            return self.comparison()
        self.take()
        inner = self.negation()
        return lambda twin: opposite(inner(twin))

    def comparison(self):
        if self.word() == "(":
            self.take()
            inner = self.condition()
            self.take()
            return inner
        if self.word() == "IS_DEFINED":
            self.take(), self.take()
            path = self.take().split(".")
            self.take()
            return lambda twin: value_at(twin, path) is not MISSING
        if self.word() == "STARTSWITH":
            self.take(), self.take()
            left = self.operand()
            self.take()
            right = self.operand()
            self.take()
            return lambda twin: starts(left(twin), right(twin))
        left, symbol = self.operand(), self.take().upper()
        if symbol in ("IN", "NIN"):
            self.take()
            elements = [self.operand()(None)]
            while self.take() == ",":
                elements.append(self.operand()(None))
            inside = lambda twin: member(left(twin), elements)
            return inside if symbol == "IN" else lambda twin: opposite(inside(twin))
        right, holds = self.operand(), RELATIONS[symbol]
        return lambda twin: compare(left(twin), holds, right(twin))

    def operand(self):
        token = self.take()
        if token.startswith("'"):
            text = token[1:-1].replace("''", "'")
            return lambda twin: text
        if token in ("true", "false"):
            return lambda twin: token == "true"
        if re.fullmatch(r"-?[\d.]+", token):
            return lambda twin: float(token)
        path = token.split(".")
        return lambda twin: value_at(twin, path)


def value_at(twin, path):
    for name in path:
        if not isinstance(twin, dict) or name not in twin:
            return MISSING
        twin = twin[name]
    return twin


KINDS = {bool: "boolean", int: "number", float: "number", str: "text"}


def kind(value):
    return KINDS.get(type(value))


RELATIONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(left, holds, right):
    of = kind(left)
    return holds(left, right) if of is not None and of == kind(right) else None


def member(value, elements):
    if value is None:
        return False
    return None if kind(value) is None else any(kind(value) == kind(one) and value == one for one in elements)


def starts(left, right):
    return left.startswith(right) if isinstance(left, str) and isinstance(right, str) else None


def opposite(truth):
    return None if truth is None else not truth


def either(truths):
    if True in truths:
        return True
    return None if None in truths else False


def merged(document, patch):
    if not isinstance(patch, dict):
        return patch
    document = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = merged(document.get(name), value)
    return document


def second_opinion(twins, conditions, churn):
    """Returns the counts of all conditions before and after the changes, and makes the changes."""
    functions = [Parser(row["condition"]).condition() for row in rows(conditions)]
    judge = lambda twin: [function(twin) is True for function in functions]
    judged = {device: judge(twin) for device, twin in twins.items()}
    before = [sum(column) for column in zip(*judged.values())]
    touched = set()
    for change in rows(churn):
        device = change["deviceId"]
        twins[device] = merged(twins[device], change["patch"])
        touched.add(device)
    judged.update({device: judge(twins[device]) for device in touched})
    return before, [sum(column) for column in zip(*judged.values())]


# --- the engines; each runs in a process of its own


def ours(program, fleet, conditions, churn):
    return json.loads(subprocess.run([program, fleet, conditions, churn], check=True, capture_output=True, text=True).stdout)


class Steps:
    """Processor seconds and the peak of memory of this process, step by step."""

    def __init__(self):
        self.steps = {}
        self.used = self.now()

    @staticmethod
    def now():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def end(self, name):
        used = self.now()
        self.steps[name] = {"cpuSeconds": used - self.used, "peakKib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
        self.used = self.now()


def to_sql(condition, path, starts_with):
    """Writes a generated condition as SQL; `path` writes an attribute."""

    def word(match):
        text = match.group(0)
        if text.startswith("'"):
            return text
        known = {"<>": "<>", "NIN": "NOT IN", "STARTSWITH": starts_with}
        if text in known:
            return known[text]
        return path(text) if text == "deviceId" or text.startswith(("tags.", "properties.")) else text

    condition = re.sub(r"is_defined\(([\w.]+)\)", lambda match: f"({match.group(1)} IS NOT NULL)", condition)
    condition = re.sub(r"'[^']*'|<>|[A-Za-z_][\w.]*", word, condition)
    return condition.replace("[", "(").replace("]", ")")


STRUCT = {
    "deviceId": "VARCHAR",
    "tags": "STRUCT(ring VARCHAR, env VARCHAR, location STRUCT(region VARCHAR, country VARCHAR, site VARCHAR, floor INTEGER), line VARCHAR, "
    "hw STRUCT(model VARCHAR, rev INTEGER), customer VARCHAR, maintenance BOOLEAN)",
    "properties": "STRUCT(reported STRUCT(connectivity STRUCT(type VARCHAR), disk STRUCT(freeMiB INTEGER), fw STRUCT(version VARCHAR)))",
}


def run_duckdb(fleet, conditions, churn):
    import duckdb

    database = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    steps = Steps()
    database.execute("CREATE TABLE fleet AS SELECT * FROM read_json(?, format = 'newline_delimited', columns = ?)", [fleet, STRUCT])
    steps.end("ingest")
    queries = [to_sql(row["condition"], lambda path: path, "starts_with") for row in rows(conditions)]
    counts = [database.execute(f"SELECT count(*) FROM fleet WHERE {query}").fetchone()[0] for query in queries]
    steps.end("conditions")
    changes = [change for change in rows(churn, 200) if change["patch"].get("tags", {}).get("ring")]
    judged = ", ".join(f"({query})" for query in queries if "tags.ring" in query)
    for change in changes:
        ring, device = change["patch"]["tags"]["ring"], change["deviceId"]
        database.execute("UPDATE fleet SET tags = struct_update(tags, ring := ?) WHERE deviceId = ?", [ring, device])
        database.execute(f"SELECT {judged} FROM fleet WHERE deviceId = ?", [device]).fetchall()
    steps.end("changes")
    steps.steps["changes"]["cpuSeconds"] /= len(changes)
    return {"steps": steps.steps, "counts": counts, "version": duckdb.__version__}


def run_sqlite(fleet, conditions, churn, devices):
    database = sqlite3.connect(":memory:")
    steps = Steps()
    database.execute("CREATE TABLE fleet (deviceId TEXT PRIMARY KEY, twin TEXT)")
    with open(fleet, encoding="utf-8") as file:
        lines = (line for number, line in enumerate(file) if number < devices)
        database.executemany("INSERT INTO fleet SELECT json_extract(?1, '$.deviceId'), ?1", ((line,) for line in lines))
    steps.end("ingest")
    extract = lambda path: "deviceId" if path == "deviceId" else f"json_extract(twin, '$.{path}')"
    queries = [to_sql(row["condition"], extract, "starts_with") for row in rows(conditions)]
    database.create_function("starts_with", 2, lambda text, part: None if text is None else text.startswith(part), deterministic=True)
    counts = [database.execute(f"SELECT count(*) FROM fleet WHERE {query}").fetchone()[0] for query in queries]
    steps.end("conditions")
    changes = [change for change in rows(churn) if int(change["deviceId"][5:]) < devices][:500]
    judged = ", ".join(query for query in queries if "tags.ring" in query)
    for change in changes:
        patch = json.dumps(change["patch"])
        database.execute("UPDATE fleet SET twin = json_patch(twin, ?) WHERE deviceId = ?", [patch, change["deviceId"]])
        database.execute(f"SELECT {judged} FROM fleet WHERE deviceId = ?", [change["deviceId"]]).fetchall()
    steps.end("changes")
    steps.steps["changes"]["cpuSeconds"] /= len(changes)
    return {"steps": steps.steps, "counts": counts, "version": sqlite3.sqlite_version}


def apart(python, engine, *arguments):
    """Runs an engine in a process of its own."""
    command = [python, os.path.abspath(__file__), "--engine", engine, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


# --- the comparison


def counted(edgectl, fleet, conditions):
    command = [edgectl, "target", "count", "--fleet", fleet, "--conditions", conditions, "--dialect", "extended", "-o", "json"]
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"EDGECTL_STATE_DIR": state}
        shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    return [one["matched"] for one in json.loads(shown)["conditions"]]


def require_equal(what, mine, other):
    different = [(number, one, two) for number, (one, two) in enumerate(zip(mine, other)) if one != two]
    if different or len(mine) != len(other):
        sys.exit(f"{what}: counts (number of the condition, index, second evaluator) differ: {different}")


def compare_counts(edgectl, program, folder, sample):
    fleet, conditions, churn = files(folder, sample)
    twins = {twin["deviceId"]: twin for twin in rows(fleet, sample)}
    before, after = second_opinion(twins, conditions, churn)
    require_equal("target count", counted(edgectl, fleet, conditions), before)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as changed:
        changed.writelines(json.dumps(twin) + "\n" for twin in twins.values())
        changed.flush()
        require_equal("target count after the changes", counted(edgectl, changed.name, conditions), after)
    if program:
        found = ours(program, fleet, conditions, churn)
        require_equal("the index", found["counts"], before)
        require_equal("the index after the changes", found["countsAfter"], after)
    print(f"{len(before)} counts over {sample} devices equal the second evaluator's, before and after changes")


def middle(runs, step):
    steps = [run[step] for run in runs]
    return {name: statistics.median(one[name] for one in steps) for name in ("cpuSeconds", "peakKib")}


def table(mine, peers):
    print(f"\n{'step':<22}{'engine':<28}{'CPU s':>12}{'ratio':>8}{'peak MiB':>10}{'ratio':>8}")
    for step in ("ingest", "conditions", "changes"):
        own = mine[step]
        title = {"conditions": f"{CONDITIONS} conditions", "changes": "one change"}.get(step, step)
        print(f"{title:<22}{'edgectl':<28}{own['cpuSeconds']:>12.6f}{'':>8}{own['peakKib'] / 1024:>10.0f}")
        for name, steps in peers.items():
            peer = steps[step]
            ratios = peer["cpuSeconds"] / own["cpuSeconds"], peer["peakKib"] / own["peakKib"]
            print(f"{'':<22}{name:<28}{peer['cpuSeconds']:>12.6f}{ratios[0]:>8.1f}{peer['peakKib'] / 1024:>10.0f}{ratios[1]:>8.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    parser.add_argument("edgectl")
    parser.add_argument("--bench", metavar="PROGRAM", help="our side of the measurement")
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--duckdb", metavar="PYTHON", help="a Python that has the package duckdb")
    parser.add_argument("--sqlite-devices", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=20_000)
    parser.add_argument("--folder", default=os.path.join(cache, "edgectl-tests", "fleet"))
    options = parser.parse_args()
    compare_counts(options.edgectl, options.bench, options.folder, options.sample)
    if not options.bench:
        return
    fleet, conditions, churn = files(options.folder, options.devices)
    mine, peers = [], {}
    mine = [ours(options.bench, fleet, conditions, churn) for _ in range(3)]
    own = {step: middle(mine, step) for step in ("ingest", "conditions", "changes")}
    own["changes"]["cpuSeconds"] /= mine[0]["changed"]["patches"]
    if options.duckdb:
        runs = [apart(options.duckdb, "duckdb", fleet, conditions, churn) for _ in range(3)]
        peers[f"DuckDB {runs[0]['version']}"] = {step: middle([run["steps"] for run in runs], step) for step in own}
        different = [(number, one, two) for number, (one, two) in enumerate(zip(mine[0]["counts"], runs[0]["counts"])) if one != two]
        texts = [row["condition"] for row in rows(conditions)]
        print(f"DuckDB counts {CONDITIONS - len(different)} conditions the same; where it differs it takes a null for a missing tag:")
        for number, one, two in different:
            print(f"  {one} here, {two} there: {texts[number]}")
    if options.sqlite_devices:
        devices = min(options.sqlite_devices, options.devices)
        run = apart(sys.executable, "sqlite", fleet, conditions, churn, devices)
        for step in ("ingest", "conditions"):
            run["steps"][step]["cpuSeconds"] *= options.devices / devices
            run["steps"][step]["peakKib"] *= options.devices / devices
        run["steps"]["changes"]["peakKib"] *= options.devices / devices
        peers[f"SQLite {run['version']}" + (" (from a part)" if devices < options.devices else "")] = run["steps"]
    table(own, peers)
    extra = mine[0]
    print(f"\n{extra['devices']} devices, {extra['attributes']} attributes; assigning each device to its winner: "
          f"{extra['assign']['cpuSeconds'] * 1000:.1f} ms for {extra['assigned']} devices; {extra['changed']['moves']} moves by "
          f"{extra['changed']['patches']} changes, the sets equal to a full evaluation: {extra['changed']['equalToFull']}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--engine"]:
        engine, fleet, conditions, churn, *rest = sys.argv[2:]
        outcome = run_duckdb(fleet, conditions, churn) if engine == "duckdb" else run_sqlite(fleet, conditions, churn, int(rest[0]))
        print(json.dumps(outcome))
    else:
        main()
