"""What any ASGI server serves: hooks and streams beside Django."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

# Sets Django up; what follows may import models.
django_application = get_asgi_application()

application = ProtocolTypeRouter({"http": django_application})
