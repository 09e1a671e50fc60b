"""What the Python tests share: running weir and dlt, writing pipelines in C, reading what they loaded."""
