"""Pictures as the API shows them."""

from tidings.kernel.http.schemas import Answer


class LoginPhotoOut(Answer):
    photo_url: str
