# One row per line on the standard output. What goes to the standard error comes into the log.
echo '{"id": 1, "name": "first"}'
echo '{"id": 2, "name": "second"}'
