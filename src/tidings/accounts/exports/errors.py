"""What exports refuse, and why."""

from tidings.kernel.errors import TidingsError


class ExportNotFound(TidingsError):
    """There is no export, or it is not ready, or it is no longer kept."""

    code = "export_not_found"
    status = 404


class ImportRefused(TidingsError):
    """This is no export that can be taken in; nothing was changed."""

    code = "import_refused"
    status = 422
