"""
Resolves options through dlt: reads cases as JSON, one a line, from the standard input and answers with one line each. A
case is a folder with `.dlt/`, an environment, the document of an added provider, and the name of a pipeline. With "extras",
the providers are those that the configuration itself asks for. The first argument, if any, is a folder where dlt is.
"""

import json
import os
import sys
from typing import Dict, List, Optional

sys.path += sys.argv[1:]

# ruff: noqa: E402: behind the line above
from dlt.common.configuration import configspec, resolve
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.common.configuration.providers import ConfigTomlProvider, EnvironProvider, SecretsTomlProvider
from dlt.common.configuration.providers.doc import CustomLoaderDocProvider
from dlt.common.configuration.specs import BaseConfiguration, ConnectionStringCredentials
from dlt.common.configuration.specs.config_providers_context import ConfigProvidersContainer
from dlt.common.configuration.specs.config_section_context import ConfigSectionContext
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.typing import TSecretStrValue

SECTIONS = ("sources", "mod", "name")


@configspec
class Limit(BaseConfiguration):
    limit: int = 10


@configspec
class Flag(BaseConfiguration):
    flag: bool = False


@configspec
class Title(BaseConfiguration):
    title: Optional[str] = None


@configspec
class Tags(BaseConfiguration):
    tags: Optional[List[str]] = None


@configspec
class Settings(BaseConfiguration):
    settings: Optional[Dict[str, str]] = None


@configspec
class ApiKey(BaseConfiguration):
    api_key: Optional[TSecretStrValue] = None


@configspec(init=False)
class Account(ConnectionStringCredentials):
    drivername: str = "postgresql"
    port: int = 5432


@configspec
class Credentials(BaseConfiguration):
    credentials: Account = None


SPECS = [Limit, Flag, Title, Tags, Settings, ApiKey]
PARTS = ["database", "username", "password", "host", "port"]

found = []  # (key, provider, place) of each look-up that was answered, in their order
look = resolve.resolve_single_provider_value


def look_and_tell(provider, key, *arguments, **more):
    value, traces = look(provider, key, *arguments, **more)
    if value is not None:
        found.append((key, provider.name, traces[-1].key if traces else None))
    return value, traces


resolve.resolve_single_provider_value = look_and_tell


def place_of(key):
    return next(([provider, place] for name, provider, place in reversed(found) if name == key), None)


def resolved(spec, case):
    """The configuration, or the name of what was raised."""
    install_providers(case)  # new ones, as each call of weir has
    found.clear()
    try:
        return resolve.resolve_configuration(spec(), sections=SECTIONS)
    except ConfigFieldMissingException:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def answers(case):
    for spec in SPECS:
        [key] = spec.__annotations__
        if key not in case.get("keys", [key]):
            continue
        config = resolved(spec, case)
        if isinstance(config, str):
            yield key, {"error": config}
        else:
            yield key, {"value": config[key], "place": place_of(key)}
    config = resolved(Credentials, case)
    for part in PARTS:
        if isinstance(config, str):
            yield f"credentials.{part}", {"error": config}
            continue
        own, whole = place_of(part), place_of("credentials")
        value = config.credentials[part]
        given = value is not None and (own or value != getattr(Account, part, None))
        yield f"credentials.{part}", {"value": value, "place": (own or whole) if given else None}


def install_providers(case):
    settings = os.path.join(case["folder"], ".dlt")
    providers = [EnvironProvider(), SecretsTomlProvider(settings), ConfigTomlProvider(settings)]
    if not case.get("extras"):
        providers.append(CustomLoaderDocProvider("vault", lambda: case["vault"]))
    container = Container()[PluggableRunContext].providers = ConfigProvidersContainer(providers)
    if case.get("extras"):
        container.add_extras()


def run(case):
    kept = dict(os.environ)
    os.environ.update(case["environment"])
    context = ConfigSectionContext(pipeline_name=case["pipeline"], sections=())
    try:
        with Container().injectable_context(context):
            return dict(answers(case))
    finally:
        os.environ.clear()
        os.environ.update(kept)


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
