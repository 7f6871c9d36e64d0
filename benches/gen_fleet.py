#!/usr/bin/env python3
"""Writes a made-up fleet, conditions for it, or changes to it, one JSON object a line.

Usage: gen_fleet.py [--n N] [--seed S] [--out FILE] [--conditions K | --churn K]

The same arguments give the same bytes, and a device depends on the seed and its number alone, so that a small fleet is the beginning of a
large one. What is uneven is so on purpose: few customers have most devices, some devices lack `ring` or `location` or have a null or a
number where others have a text, a fifth never reported firmware, and one in twenty is no edge device.
"""

import argparse
import json
import random
import sys

COUNTRIES = {
    "eu-west": ["DE", "FR", "NL", "IE"],
    "eu-north": ["SE", "NO", "FI"],
    "us-east": ["US"],
    "us-west": ["US"],
    "apac": ["JP", "SG", "AU", "KR"],
    "latam": ["BR", "MX"],
}
REGIONS = list(COUNTRIES)
REGION_WEIGHTS = [30, 8, 25, 17, 14, 6]
ARCHITECTURES = {
    "gw-100": "arm32v7",
    "gw-200": "arm64v8",
    "gw-210": "arm64v8",
    "ipc-4": "amd64",
    "ipc-8": "amd64",
    "cam-1": "arm64v8",
}
MODELS = list(ARCHITECTURES)
MODEL_WEIGHTS = [18, 30, 17, 15, 8, 12]
FIRMWARE = ["1.3.9", "1.4.0", "1.4.1", "1.4.27", "1.5.0", "1.5.1", "1.5.12", "1.5.19", "2.0.0-rc1"]
FIRMWARE_WEIGHTS = [2, 5, 8, 14, 20, 18, 20, 12, 1]
FEATURES = ["vision", "opcua", "modbus", "bacnet", "ml", "audio"]
LINKS = ["wired", "wifi", "cellular", "satellite"]
RINGS = ["canary", "early", "broad"]


class Draw(random.Random):
    """Draws the parts of one device, condition or change; each draw moves the sequence on, so their order is part of the format."""

    def one_of(self, values, weights):
        return self.choices(values, weights)[0]

    def chance(self, share):
        return self.random() < share

    def heavy_tail(self, shape, size):
        return int(self.paretovariate(shape)) % size


def ring_of(share):
    if share < 0.01:
        return "canary"
    return "early" if share < 0.10 else "broad"


def device(seed, number):
    draw = Draw(seed * 1_000_003 + number)
    region = draw.one_of(REGIONS, REGION_WEIGHTS)
    country = draw.choice(COUNTRIES[region])
    site = f"{country}-{draw.heavy_tail(1.1, 400):03d}"
    model = draw.one_of(MODELS, MODEL_WEIGHTS)
    tags = {"ring": ring_of(draw.random())}
    tags["env"] = "prod" if draw.chance(0.93) else draw.choice(["test", "staging"])
    tags["location"] = {"region": region, "country": country, "site": site, "floor": draw.randint(0, 5)}
    tags["line"] = f"L{draw.randint(1, 24)}"
    tags["hw"] = {"model": model, "arch": ARCHITECTURES[model], "rev": draw.randint(1, 5)}
    tags["customer"] = f"c{draw.heavy_tail(0.9, 20000):05d}"
    how_many = draw.randint(0, 3)
    tags["features"] = sorted(draw.sample(FEATURES, how_many))
    tags["maintenance"] = draw.chance(0.04)
    spoil(tags, draw)
    reported = {"connectivity": {"type": draw.choice(LINKS), "rssi": -draw.randint(30, 110)}}
    day, hour, minute, second = draw.randint(1, 22), draw.randint(0, 23), draw.randint(0, 59), draw.randint(0, 59)
    reported["lastSeen"] = f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z"
    reported["disk"] = {"freeMiB": draw.randint(50, 64000)}
    reported["uptimeH"] = draw.randint(0, 9000)
    if draw.random() > 0.20:
        reported["fw"] = {"version": draw.one_of(FIRMWARE, FIRMWARE_WEIGHTS), "channel": draw.choice(["stable", "beta"])}
    return {
        "deviceId": f"edge-{number:07d}",
        "status": "enabled" if draw.chance(0.985) else "disabled",
        "capabilities": {"iotEdge": not draw.chance(0.05)},
        "tags": tags,
        "properties": {"desired": {}, "reported": reported},
    }


def spoil(tags, draw):
    """Takes a tag away, or makes it what nobody expects, on seven devices of a hundred."""
    share = draw.random()
    if share < 0.03:
        del tags["ring"]
    elif share < 0.04:
        tags["ring"] = None
    elif share < 0.06:
        del tags["location"]
    elif share < 0.07:
        tags["line"] = draw.randint(1, 24)


def condition(seed, number):
    draw = Draw(seed * 7_919 + number)
    region = draw.choice(REGIONS)
    country = draw.choice(COUNTRIES[region])
    model = draw.choice(MODELS)
    priority = draw.randint(0, 50)
    return {"id": f"dep-{number:03d}", "priority": priority, "condition": SHAPES[number % len(SHAPES)](draw, region, country, model)}


def by_line(draw, country):
    first, second = draw.randint(1, 24), draw.randint(1, 24)
    lines = f"(tags.line = 'L{first}' OR tags.line = 'L{second}')"
    return f"is_defined(tags.ring) AND tags.location.country IN ['{country}', 'DE', 'US'] AND {lines}"


def by_disk(draw):
    free, revision = draw.choice([512, 2048, 16384]), draw.randint(1, 4)
    return f"properties.reported.disk.freeMiB >= {free} AND tags.hw.rev > {revision}"


SHAPES = [
    lambda draw, region, country, model: f"tags.ring = '{draw.choice(RINGS)}'",
    lambda draw, region, country, model: f"tags.location.region = '{region}' AND tags.ring = '{draw.choice(RINGS)}'",
    lambda draw, region, country, model: f"tags.hw.model IN ['{model}', '{draw.choice(MODELS)}'] AND tags.env = 'prod'",
    lambda draw, region, country, model: f"tags.location.site = '{country}-{draw.randint(1, 40):03d}'",
    lambda draw, region, country, model: f"tags.customer = 'c{draw.randint(1, 300):05d}' AND NOT (tags.maintenance = true)",
    lambda draw, region, country, model: f"properties.reported.fw.version = '{draw.choice(FIRMWARE)}' AND tags.ring != 'canary'",
    lambda draw, region, country, model: by_disk(draw),
    lambda draw, region, country, model: by_line(draw, country),
    lambda draw, region, country, model: "NOT is_defined(properties.reported.fw) AND tags.env = 'prod'",
    lambda draw, region, country, model: f"deviceId = 'edge-{draw.randint(0, 99999):07d}'",
    lambda draw, region, country, model: f"STARTSWITH(tags.location.site, '{country}-0') AND tags.location.floor <= {draw.randint(0, 4)}",
    lambda draw, region, country, model: (
        f"tags.env = 'prod' AND tags.location.region NIN ['{region}'] AND properties.reported.connectivity.type <> 'cellular'"
    ),
]


def change(seed, devices, number):
    """Returns one of five kinds of merge patches; all five are drawn, and one is taken."""
    draw = Draw(seed * 104_729 + number)
    device_number = int(draw.random() * devices)
    kinds = [
        {"tags": {"ring": draw.choice(RINGS)}},
        {"tags": {"location": {"region": draw.choice(REGIONS)}}},
        {"tags": {"maintenance": draw.chance(0.5)}},
        {"tags": {"ring": None}},
        {"properties": {"reported": {"fw": {"version": draw.choice(FIRMWARE)}}}},
    ]
    return {"seq": number, "deviceId": f"edge-{device_number:07d}", "patch": draw.choice(kinds)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000, help="devices")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", default="-")
    parser.add_argument("--conditions", type=int, default=0, help="write this many conditions in place of a fleet")
    parser.add_argument("--churn", type=int, default=0, help="write this many changes in place of a fleet")
    options = parser.parse_args()
    if options.conditions:
        rows = (condition(options.seed, number) for number in range(options.conditions))
    elif options.churn:
        rows = (change(options.seed, options.n, number) for number in range(options.churn))
    else:
        rows = (device(options.seed, number) for number in range(options.n))
    encode = json.JSONEncoder(separators=(",", ":")).encode
    out = sys.stdout if options.out == "-" else open(options.out, "w", encoding="utf-8")
    with out:
        for row in rows:
            out.write(encode(row) + "\n")


if __name__ == "__main__":
    main()
