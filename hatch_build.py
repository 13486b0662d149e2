"""Packaging: build the web pages before a wheel or an sdist is put together."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from ui import UiNotBuilt, build_ui


class WebPages(BuildHookInterface[Any]):
    """Put current web pages into src/tidings/web/static; no package is made without them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what changed. An editable install goes on without pages, and says so."""
        try:
            build_ui(Path(self.root))
        except UiNotBuilt as error:
            if version != "editable":
                raise
            self.app.display_warning(f"Installed without the web pages. {error}")
