/* The table of commands. Whatever a user can read about them is made from it. */
#include "cli/tree.h"

/* clang-format off */
#define PARAMS(...) ((const wr_param[]){ __VA_ARGS__, { 0 } })
#define FLAGS(...) ((const wr_flag[]){ __VA_ARGS__, { 0 } })

/* Words and options of several commands. */
#define PIPELINE { .name = "PIPELINE", .help = "a pipeline that was run in this project" }
#define NAME { .name = "NAME", .optional = true, .help = "which pipeline; needed when there are several" }
#define LOAD_ID(otherwise) { .name = "LOAD_ID", .optional = true, .help = "which package; " otherwise }
#define VERSION(name_, what) { .name = name_, .optional = true, .help = what }
#define JSON(what) { .name = "json", .help = what }
#define YES { .name = "yes", .help = "do it without asking" }
/* Of commands that look at the destination of a pipeline, which may not be known here. */
#define WHERE \
    { .name = "destination", .value = "NAME", .help = "its destination; by itself that of the last load" }, \
    { .name = "dataset", .value = "NAME", .help = "its dataset; by itself that of the last load" }
/* clang-format on */

static const wr_command package_commands[] = {
    {
        .name = "list",
        .summary = "list the packages of a pipeline",
        .details =
            "Packages in order of their load ids: those that wait, and the last ones that\n"
            "were loaded. States: open (extracting, or died while it did; the next run\n"
            "starts it again), sealed (the next run loads it), failed (refused for good;\n"
            "retry or drop it), committing (bad rows of a run that died; the next run finds\n"
            "out whether its load was committed), loaded.",
        .params = PARAMS(PIPELINE),
        .flags = FLAGS(JSON("one JSON object per package")),
        .run = wr_command_package_list,
    },
    {
        .name = "show",
        .summary = "show one package with its manifest",
        .details = "Without a load id: the newest one. Of bad rows in quarantine the first five\n"
                   "are shown, each as the beginning of its line of the file: JSON with resource,\n"
                   "file, line, offset (in bytes), reason, and text (or base64).",
        .params = PARAMS(PIPELINE, LOAD_ID("the newest one when it is left out")),
        .flags = FLAGS(JSON("one JSON object")),
        .run = wr_command_package_show,
    },
    {
        .name = "retry",
        .summary = "let the next run load a failed package again",
        .details = "Once what refused it has been changed: a column at the destination, a\n"
                   "permission.",
        .params = PARAMS(PIPELINE, LOAD_ID("needed when more than one fits")),
        .run = wr_command_package_retry,
    },
    {
        .name = "drop",
        .summary = "forget a package that is not loaded",
        .details = "Its rows are given up here, but no position in a source is lost: state moves\n"
                   "only with the commit of a load, so the next run extracts the same rows\n"
                   "again.",
        .params = PARAMS(PIPELINE, LOAD_ID("needed when more than one fits")),
        .run = wr_command_package_drop,
    },
    { 0 },
};

static const wr_command pipeline_commands[] = {
    {
        .name = "list",
        .summary = "list the pipelines that were run in this project",
        .flags = FLAGS(JSON("one JSON object per pipeline")),
        .run = wr_command_pipeline_list,
    },
    {
        .name = "show",
        .summary = "show where a pipeline loads to, and what waits",
        .params = PARAMS(NAME),
        .flags = FLAGS(JSON("one JSON object")),
        .run = wr_command_pipeline_show,
    },
    {
        .name = "sync",
        .summary = "restore the local state from the destination",
        .details =
            "Drops the local state, schema and packages, and restores state and schema from\n"
            "the destination, which stays as it is: what another machine has loaded counts\n"
            "here, too. It asks before. Where the pipeline has not run yet, the options or\n"
            "the configuration say where it loads to; nothing is dropped or asked then, and\n"
            "afterwards weir show and its like know the place.\n"
            "\n"
            "Rows of packages that are not loaded are given up; no position in a source is\n"
            "lost, so the next run extracts them again. A package of which the destination\n"
            "knows is loaded, and stays. When the destination knows nothing of the pipeline,\n"
            "it fails, and nothing is dropped.",
        .examples = "weir pipeline sync shop\n"
                    "weir pipeline sync shop --destination duckdb --dataset raw --yes",
        .params = PARAMS(NAME),
        .flags = FLAGS(WHERE, YES, JSON("one JSON object")),
        .run = wr_command_pipeline_sync,
    },
    {
        .name = "drop",
        .summary = "drop resources: their tables, and their state",
        .details =
            "Takes the tables of resources, with those nested in them, from the destination\n"
            "and from the schema, and forgets what the resources keep between runs: the next\n"
            "run makes and fills them anew. It shows what will go, asks, and does it in one\n"
            "transaction, which is a load of its own in _dlt_loads.\n"
            "\n"
            "A RESOURCE is a name, or re: and an expression that fits the beginning of names.\n"
            "One that selects nothing is an error, and nothing is dropped then. Paths of the\n"
            "state are names with points between them, below the state of the source, as\n"
            "resources.orders.incremental; * stands for any name.\n"
            "\n"
            "While packages wait to be loaded it is refused: run the pipeline first.",
        .examples = "weir pipeline drop shop orders\n"
                    "weir pipeline drop shop 're:tmp_' --yes\n"
                    "weir pipeline drop shop orders --state-only\n"
                    "weir pipeline drop shop --state-paths last_sync,resources.orders.incremental",
        .params = PARAMS({ .name = "NAME", .help = "which pipeline" },
                         { .name = "RESOURCE",
                           .optional = true,
                           .many = true,
                           .help = "what to drop: a name, or re: and an expression" }),
        .flags = FLAGS(
            { .name = "drop-all", .help = "all resources of the schema" },
            { .name = "state-paths", .value = "PATHS", .help = "parts of the state, as a.b,c" },
            { .name = "state-only", .help = "only what the resources keep; tables stay" },
            { .name = "schema", .value = "NAME", .help = "by itself the pipeline's own" }, WHERE,
            YES, JSON("one JSON object, when it is done")),
        .run = wr_command_pipeline_drop,
    },
    {
        .name = "forget",
        .summary = "remove the working folder of a pipeline",
        .details = "What was loaded stays at the destination, and the state with it: the next\n"
                   "run takes it from there. Packages that are not loaded yet would be lost, so\n"
                   "with them it is refused.",
        .params = PARAMS(NAME),
        .flags =
            FLAGS({ .name = "force", .help = "also when packages wait: their rows are given up" }),
        .run = wr_command_pipeline_forget,
    },
    { 0 },
};

static const wr_command schema_commands[] = {
    {
        .name = "show",
        .summary = "show the stored schema of a pipeline: tables and columns",
        .details =
            "The newest version in _dlt_version, at the destination of the pipeline's last\n"
            "load; where that does not answer, the local copy, with a warning. A table says\n"
            "in which one it is nested, how it is written, and what its contract forbids;\n"
            "a column its data type, whether it may be null, keys and other hints.",
        .examples = "weir schema show\n"
                    "weir schema show events --table events__tags\n"
                    "weir schema show events --json > events.schema.json",
        .params = PARAMS(NAME),
        .flags = FLAGS({ .name = "table", .value = "NAME", .help = "this table only" },
                       { .name = "all", .help = "dlt's own tables too" },
                       JSON("the stored document, unchanged; with --table the table's")),
        .run = wr_command_schema_show,
    },
    {
        .name = "diff",
        .summary = "show what changed between two stored versions of a schema",
        .details =
            "Versions are those in _dlt_version, named by their number, their hash, or its\n"
            "beginning. By themselves the last two are compared; one that is named, with\n"
            "the newest. A line begins with + for what was added, - for what is gone, ~ for\n"
            "a property that has another value. The order of columns does not count.\n"
            "\n"
            "The exit status is 0, with and without changes; --check makes it 1 when there\n"
            "are any.",
        .examples = "weir schema diff events\n"
                    "weir schema diff events 2 4\n"
                    "weir schema diff events hPVe4O --check",
        .params = PARAMS(NAME, VERSION("FROM", "a version; the last but one when left out"),
                         VERSION("TO", "a version; the newest when left out")),
        .flags = FLAGS({ .name = "check", .help = "fail when there are changes" },
                       JSON("one JSON object: from, to, changes")),
        .run = wr_command_schema_diff,
    },
    {
        .name = "export",
        .summary = "print the stored schema of a pipeline as dlt exports it",
        .details = "The schema that weir schema show shows, byte for byte as the reference writes\n"
                   "it: to be read, kept under version control, or imported.",
        .examples = "weir schema export events --remove-defaults\n"
                    "weir schema export events --format json",
        .params = PARAMS(NAME),
        .flags = FLAGS(
            { .name = "format", .value = "FORMAT", .help = "yaml, or json" },
            { .name = "remove-defaults", .help = "without names inside of tables and columns" }),
        .run = wr_command_schema_export,
    },
    { 0 },
};

/* clang-format off */
#define KEY { .name = "KEY", .help = "an option with its sections, as load.keep_packages" }
#define WITH_PIPELINE { .name = "NAME|FILE", .optional = true, .help = "a pipeline: its source and providers count, too" }
/* clang-format on */

static const wr_command config_commands[] = {
    {
        .name = "explain",
        .summary = "show where an option is looked for, and who answers",
        .details = "Every place that is asked, in order: first with the pipeline's name in front,\n"
                   "in the environment, .dlt/secrets.toml and .dlt/config.toml, then without it\n"
                   "in the same places, and then in providers that the project adds. The first\n"
                   "one that has the option wins; secrets are shown as ****.",
        .examples = "weir config explain destination.duckdb.credentials --pipeline currencies\n"
                    "weir config explain sources.hubspot.api_key hubspot",
        .params = PARAMS(KEY, WITH_PIPELINE),
        .flags = FLAGS({ .name = "pipeline",
                         .value = "NAME",
                         .help = "the pipeline that asks; by itself the one that is named" },
                       JSON("one JSON object")),
        .run = wr_command_config_explain,
    },
    {
        .name = "check",
        .summary = "find what is missing, wrong, or read by nothing",
        .details = "Resolves all options of the pipelines in pipelines/, or of one, and reports\n"
                   "all that is missing at once, with every place that was asked. Without a\n"
                   "pipeline it lists keys of the files that nothing reads, too, with the nearest\n"
                   "known one; they alone are no failure.",
        .examples = "weir config check",
        .params =
            PARAMS({ .name = "NAME|FILE", .optional = true, .help = "check this pipeline only" }),
        .flags = FLAGS(JSON("one JSON object")),
        .run = wr_command_config_check,
    },
    {
        .name = "example",
        .summary = "write example files with all options",
        .details = "Writes .dlt/config.toml.example and .dlt/secrets.toml.example: the options of\n"
                   "the engine, of destinations and of the pipeline's source, with their defaults\n"
                   "and what they are for.",
        .examples = "weir config example",
        .params = PARAMS(WITH_PIPELINE),
        .flags = FLAGS({ .name = "force", .help = "also over files that are there" }),
        .run = wr_command_config_example,
    },
    { 0 },
};

/* clang-format off */
/* Of `weir run`, and of its plan. */
#define REFRESH { .name = "refresh", .value = "MODE", .help = "begin anew: drop_sources, drop_resources or drop_data" }
/* Of `weir copy`, and of its plan. */
#define COPY_FLAGS \
    { .name = "table", .value = "NAME", .help = "the table; by itself the file's name" }, \
    { .name = "dataset", .value = "NAME", .help = "the schema; by itself DATABASE_dataset" }, \
    { .name = "write", .value = "HOW", .help = "append, replace, or merge with the rows that are there" }, \
    { .name = "primary-key", .value = "NAMES", .help = "columns, as a,b: merge replaces the row with the same" }, \
    { .name = "merge-key", .value = "NAMES", .help = "columns: merge replaces all rows with the same" }, \
    { .name = "strategy", .value = "NAME", .help = "of merge: delete-insert, upsert, insert-only, scd2 or cdc" }, \
    { .name = "on-bad-row", .value = "HOW", .help = "of a line that is no JSON: fail, or quarantine it" }, \
    { .name = "max-nesting", .value = "N", .help = "levels of nested tables; 0: all below stays JSON" }, \
    { .name = "memory", .value = "SIZE", .help = "memory beside the database, by itself 64MiB" }
/* clang-format on */

static const wr_command commands[] = {
    {
        .name = "init",
        .summary = "make a project, or a pipeline in one",
        .details = "A project is a folder with sources/, pipelines/, flows/, utils/, settings in\n"
                   ".dlt/, and weir.toml, which says what it needs. It comes with three small\n"
                   "pipelines that run as they are, into DuckDB and without a network.\n"
                   "\n"
                   "With --pipeline one more is made in the project: its source reads files\n"
                   "(filesystem), runs a program (command), or is written in C (c).\n"
                   "\n"
                   "Files that are there are never changed.",
        .examples = "weir init data-pipelines\n"
                    "weir init --pipeline events --source filesystem",
        .params = PARAMS({ .name = "FOLDER",
                           .optional = true,
                           .help = "of the project, made if need be; by itself this one" }),
        .flags = FLAGS({ .name = "pipeline", .value = "NAME", .help = "make this pipeline only" },
                       { .name = "source",
                         .value = "KIND",
                         .help = "what it reads from: filesystem, command, or c" }),
        .run = wr_command_init,
    },
    {
        .name = "add",
        .summary = "note what the project needs, and lock what is installed",
        .details =
            "Writes the least version of NAME into weir.toml, under [dependencies] or, with\n"
            "--dev, under [dev-dependencies]; comments and order stay. Then it writes\n"
            "weir.lock: the exact versions of the engine and of all that weir.toml needs, and\n"
            "the SHA-256 of their files on this platform. Commit both files. Without NAME\n"
            "only weir.lock is written.\n"
            "\n"
            "weir build --locked holds other machines to it.",
        .examples = "weir add duckdb --dev\n"
                    "weir add 'duckdb>=1.5.6' --dev\n"
                    "weir add filesystem",
        .params = PARAMS({ .name = "NAME",
                           .optional = true,
                           .help = "duckdb, filesystem, command, rest_api; or NAME>=VERSION" }),
        .flags = FLAGS({ .name = "dev", .help = "for development only" }),
        .run = wr_command_add,
    },
    {
        .name = "build",
        .summary = "compile the project, and check what names what",
        .details =
            "The C files in sources/, pipelines/, flows/ and utils/ become one module, which\n"
            "weir run takes as long as none of them has changed. The source and the\n"
            "destination that each pipeline names, in C or in TOML, must be there, and no\n"
            "name may be given twice: everything that is wrong is told at once.\n"
            "\n"
            "With --locked nothing is built unless the engine, and the libraries of what\n"
            "weir.toml needs, are exactly those of weir.lock; it says what differs.",
        .examples = "weir build\n"
                    "weir build --locked --no-dev",
        .flags = FLAGS({ .name = "locked", .help = "refuse what is not as weir.lock says" },
                       { .name = "no-dev",
                         .help = "with --locked: what is for development need not be there" },
                       JSON("one JSON object")),
        .run = wr_command_build,
    },
    {
        .name = "run",
        .summary = "run a pipeline, or compile a C file and run it",
        .details =
            "A name means pipelines/NAME.toml or pipelines/NAME.c of the project: the\n"
            "nearest folder upwards that has weir.toml or .dlt/, or else this one; or the\n"
            "pipeline of this name that a C file of the project registers.\n"
            "\n"
            "C files in sources/, pipelines/, flows/ and utils/ are compiled against libweir\n"
            "into one module; any other C file is a module by itself. It is loaded, and the\n"
            "weir_main of the file is run, or the one pipeline that the file registers.\n"
            "Modules are kept by content in .weir/modules/, so that the next run compiles\n"
            "only what has changed. The compiler is $CC, or the first of cc, gcc and clang;\n"
            "$LDLIBS is added when it links.\n"
            "\n"
            "A run first commits what an earlier run of the pipeline has sealed, then\n"
            "extracts. It may be killed at any time: running it again finishes the work.\n"
            "The first SIGINT or SIGTERM lets what is running finish, the second\n"
            "interrupts it.",
        .examples = "weir run test_weir.c\n"
                    "weir run events\n"
                    "weir run pipelines/events.toml --destination duckdb",
        .params = PARAMS({ .name = "NAME|FILE", .help = "the pipeline, or a .toml or .c file" }),
        .flags = FLAGS({ .name = "destination",
                         .value = "NAME",
                         .help = "load into this destination, whatever the pipeline says" },
                       REFRESH, JSON("what a registered pipeline came to, as one JSON object")),
        .run = wr_command_run,
    },
    {
        .name = "copy",
        .summary = "load files of JSON into a database, without a project",
        .details = "FROM is a file of JSON lines or one JSON array, a pattern in quotes, or - for\n"
                   "the standard input; gzip and zstd are unpacked. TO is a database, or a folder\n"
                   "of files, lake/ or file:///data/lake. Objects become columns, lists become\n"
                   "tables of their own, as in a pipeline. Rows go straight into one transaction:\n"
                   "a copy that was killed has done nothing.\n"
                   "\n"
                   "A line that is no JSON fails the copy, which names file, line and byte. With\n"
                   "--on-bad-row quarantine such lines are kept as they are in a file that the\n"
                   "summary names, and the others are loaded.",
        .examples =
            "weir copy events.jsonl.gz duckdb:///events.duckdb\n"
            "weir copy 'data/*.jsonl' duckdb:///x.duckdb --table events --dataset raw\n"
            "weir copy changes.jsonl x.duckdb --table users --write merge --primary-key id\n"
            "weir copy events.jsonl lake/ --dataset raw\n"
            "curl -s https://example.com/rows.json | weir copy - duckdb:///x.duckdb",
        .params = PARAMS(
            { .name = "FROM", .help = "file, pattern, or -" },
            { .name = "TO", .help = "database, as duckdb:///events.duckdb, or folder, as lake/" }),
        .flags = FLAGS(COPY_FLAGS, JSON("the summary as one JSON object")),
        .run = wr_command_copy,
    },
    {
        .name = "plan",
        .summary = "show what a run or a copy would do, and do nothing",
        .details =
            "With one word as weir run, with two as weir copy, with their options: the same\n"
            "code extracts and prepares the load, but the destination is opened for reading\n"
            "only, and statements are shown instead of executed. Nothing is written: no\n"
            "file, no folder, no state, no package. The user's own code runs, and sources are\n"
            "asked for their rows.\n"
            "\n"
            "Shown are the settings and secrets that are given or missing (secrets as ****),\n"
            "rights at the destination, each table with rows, columns and contract, what the\n"
            "contract drops, changes of the schema, the statements, and some rows of each\n"
            "table.\n"
            "\n"
            "The exit status is 0 when nothing but rows would come, 4 when something would be\n"
            "made or the schema change, 5 when the load would be refused: by its rows, by a\n"
            "contract, by the destination. 1 to 3 are as everywhere: the plan itself failed,\n"
            "was called wrongly, or lacks a setting.",
        .examples = "weir plan events\n"
                    "weir plan events --json > plan.json\n"
                    "weir plan events.jsonl duckdb:///events.duckdb",
        .params =
            PARAMS({ .name = "NAME|FILE|FROM",
                     .help = "a pipeline, as of weir run; or what weir copy reads" },
                   { .name = "TO", .optional = true, .help = "where weir copy would load to" }),
        .flags = FLAGS(
            { .name = "destination",
              .value = "NAME",
              .help = "of a pipeline: as if it loaded into this one" },
            REFRESH, COPY_FLAGS,
            { .name = "sample", .value = "N", .help = "rows to show of each table, by itself 3" },
            JSON("one JSON object")),
        .run = wr_command_plan,
    },
    {
        .name = "show",
        .summary = "show the tables of a pipeline's dataset and its last loads",
        .details = "Asks the destination of the pipeline's last load: tables with rows and\n"
                   "columns, the user's own first, and the newest entries of _dlt_loads.",
        .examples = "weir show test",
        .params = PARAMS(PIPELINE),
        .flags = FLAGS(JSON("one JSON object")),
        .run = wr_command_show,
    },
    {
        .name = "sql",
        .summary = "run one SQL statement at a pipeline's destination",
        .details = "The destination is that of the pipeline's last load. Rows come as an aligned\n"
                   "table: control characters are shown as \\n, \\t, \\x1b, and a missing value\n"
                   "as NULL. Programs should ask for --json.",
        .examples = "weir sql test \"select * from test_data.test_data\"\n"
                    "weir sql test --json \"select count(*) as n from test_data.test_data\"",
        .params = PARAMS(
            PIPELINE, { .name = "STATEMENT", .help = "the statement, as one word of the shell" }),
        .flags = FLAGS(JSON("one JSON object per row")),
        .run = wr_command_sql,
    },
    {
        .name = "package",
        .summary = "packages: what was extracted and is loaded, or waits",
        .children = package_commands,
    },
    {
        .name = "pipeline",
        .summary = "pipelines that were run in this project",
        .children = pipeline_commands,
    },
    {
        .name = "schema",
        .summary = "schemas: the tables and columns that were made, version by version",
        .children = schema_commands,
    },
    {
        .name = "config",
        .summary = "options: where they come from, what is missing",
        .children = config_commands,
    },
    {
        .name = "version",
        .summary = "print the version",
        .run = wr_command_version,
    },
    {
        .name = "help",
        .summary = "explain a command",
        .details = "The same as --help behind the command.",
        .examples = "weir help package drop",
        .params = PARAMS({ .name = "COMMAND",
                           .help = "words of a command; all of weir when left out",
                           .optional = true }),
        .flags =
            FLAGS({ .name = "markdown", .help = "the whole reference as Markdown", .hidden = true },
                  { .name = "man", .help = "the manual page", .hidden = true }),
        .run = wr_command_help,
        .names_command = true,
    },
    { 0 },
};

const wr_command wr_command_root = {
    .name = "weir",
    .summary = "load data into warehouses, once",
    .details = "weir asks sources for records, gives them a relational shape, and puts them\n"
               "into a destination in one transaction.",
    .children = commands,
};
