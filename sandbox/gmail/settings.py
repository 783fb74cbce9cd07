"""What a sandbox can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.gmail.quota import COSTS


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`redirect_uris` are allowed besides every loopback address. `units_per_minute` None means no limit.

    `parallel_in_batch`: calls of one batch beyond it are refused as too many at once, as Gmail does with large batches.
    `largest_page`: entries of a listing or history page, whatever `maxResults` asks for; Gmail's own is 500.
    """

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    redirect_uris: tuple[str, ...] = ()
    auto_consent: bool = False
    units_per_minute: int | None = None
    costs: Mapping[str, int] = field(default_factory=lambda: COSTS["new"])
    parallel_in_batch: int = 50
    largest_page: int = 500
