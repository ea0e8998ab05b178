"""Write a CycloneDX bill of materials from a lock file: `sbom.py LOCK OUTPUT`."""

import json
import re
import sys
from pathlib import Path

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, object]]:
    """One component a pinned distribution, with the hashes of its files."""
    pins = list(_PIN.finditer(lock))
    ends = [pin.start() for pin in pins[1:]] + [len(lock)]
    return [
        {
            "type": "library",
            "name": pin["name"],
            "version": pin["version"],
            "purl": f"pkg:pypi/{pin['name'].lower().replace('_', '-')}@{pin['version']}",
            "properties": [
                {"name": "sha256", "value": digest}
                for digest in _HASH.findall(lock, pin.start(), end)
            ],
        }
        for pin, end in zip(pins, ends, strict=True)
    ]


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "ecps-idp"}},
        "components": components(source.read_text("utf-8")),
    }
    target.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
