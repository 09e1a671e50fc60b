"""A tap as people write them with Meltano's SDK: the rows of a JSON file that are not older than its bookmark."""

import json
from pathlib import Path

from singer_sdk import Stream, Tap
from singer_sdk import typing as th


class Events(Stream):
    name = "events"
    primary_keys = ("id",)
    replication_key = "at"
    is_sorted = True
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("at", th.DateTimeType),
        th.Property("who", th.ObjectType(th.Property("name", th.StringType))),
    ).to_dict()

    def get_records(self, context):
        begin = self.get_starting_timestamp(context)
        for row in json.loads(Path(self.config["path"]).read_text()):
            if not begin or row["at"] >= begin.isoformat():
                yield row


class EventsTap(Tap):
    name = "tap-events"
    config_jsonschema = th.PropertiesList(th.Property("path", th.StringType, required=True)).to_dict()

    def discover_streams(self):
        return [Events(self)]


if __name__ == "__main__":
    EventsTap.cli()
