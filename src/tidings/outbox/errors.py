"""What an operator may be refused."""

from tidings.kernel.errors import TidingsError


class DeliveryNotFound(TidingsError):
    """There is no such delivery."""

    code = "delivery_not_found"
    status = 404


class DeliveryNotRetryable(TidingsError):
    """Only a delivery that ended without being sent can be sent again."""

    code = "delivery_not_retryable"
    status = 409


class DeliveryNotCancellable(TidingsError):
    """Only a delivery that waits can be cancelled."""

    code = "delivery_not_cancellable"
    status = 409
