"""Values that JSON cannot carry, as the golden vectors write them: {"$t": "decimal", "v": "1.50"}."""

import base64
import datetime
import math
from decimal import Decimal

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

DECODERS = {
    "int": int,
    "float": float,
    "decimal": Decimal,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "bytes": base64.b64decode,
}


def decode(value):
    """The value of one cell; lists and objects stay as they are."""
    if isinstance(value, dict) and "$t" in value:
        return DECODERS[value["$t"]](value["v"])
    return value


def encode(value):
    """The cell of a value that a database gave."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else {"$t": "int", "v": str(value)}
    if isinstance(value, float):
        plain = math.isfinite(value) and not value.is_integer()
        return value if plain else {"$t": "float", "v": repr(value)}
    if isinstance(value, Decimal):
        return {"$t": "decimal", "v": str(value)}
    if isinstance(value, bytes):
        return {"$t": "bytes", "v": base64.b64encode(value).decode()}
    for name, kind in (("datetime", datetime.datetime), ("date", datetime.date), ("time", datetime.time)):
        if isinstance(value, kind):
            return {"$t": name, "v": value.isoformat()}
    raise TypeError(f"no cell for a value of type {type(value)}")
