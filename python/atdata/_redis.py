"""What a `redis.Redis` or `RedisCluster` object is connected to, so that the engine can be too."""

from typing import Any

from atdata._errors import UnsupportedTypeError

__all__ = ["redis_arguments"]


def redis_arguments(redis: Any) -> dict[str, Any]:
    """The arguments of the engine's provider: addresses, database, credentials, TLS.

    Raises `UnsupportedTypeError` for an object that has no address to take.
    """
    cluster = hasattr(redis, "nodes_manager")
    if cluster:
        settings = dict(redis.nodes_manager.connection_kwargs)
        nodes = redis.nodes_manager.startup_nodes.values()
        hosts = [(str(node.host), int(node.port)) for node in nodes]
    else:
        pool = getattr(redis, "connection_pool", None)
        if pool is None or not hasattr(pool, "connection_kwargs"):
            raise UnsupportedTypeError(
                f"{type(redis).__qualname__} is no redis.Redis or redis.cluster.RedisCluster"
            )
        settings = dict(pool.connection_kwargs)
        if "path" in settings:
            raise UnsupportedTypeError("Redis over a Unix socket is not supported: give a host")
        hosts = [(settings.get("host", "localhost"), int(settings.get("port", 6379)))]
        settings["ssl"] = "SSL" in pool.connection_class.__name__
    username, password = _credentials(settings)
    return {
        "hosts": hosts,
        "db": int(settings.get("db") or 0),
        "username": username,
        "password": password,
        "tls": bool(settings.get("ssl")),
        "ca": settings.get("ssl_ca_certs"),
        "verify": _verifies(settings.get("ssl_cert_reqs", "required")),
        "cluster": cluster,
    }


def _credentials(settings: dict[str, Any]) -> tuple[str | None, str | None]:
    provider = settings.get("credential_provider")
    if provider is None:
        return settings.get("username"), settings.get("password")
    found = tuple(provider.get_credentials())
    return (found[0], found[1]) if len(found) == 2 else (None, found[0])


def _verifies(required: Any) -> bool:
    """Whether the server's certificate is checked: anything but an explicit "none"."""
    return not (required in ("none", 0) or getattr(required, "name", "") == "CERT_NONE")
