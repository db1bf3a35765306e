"""kombu and amqp carry no types: the names we build on, each marked as such in one place."""

from typing import Any

from amqp import ConsumerCancelled as _ConsumerCancelled
from amqp import NotFound as _NotFound
from amqp import PreconditionFailed as _PreconditionFailed
from amqp import ResourceLocked as _ResourceLocked
from amqp.exceptions import AMQPError as _AMQPError
from amqp.exceptions import RecoverableConnectionError as _RecoverableConnectionError
from kombu.connection import Connection as _Connection
from kombu.entity import Exchange as _Exchange
from kombu.entity import Queue as _Queue
from kombu.messaging import Consumer as _Consumer
from kombu.messaging import Producer as _Producer
from kombu.transport import pyamqp, virtual

Connection: Any = _Connection
Consumer: Any = _Consumer
Exchange: Any = _Exchange
Producer: Any = _Producer
Queue: Any = _Queue

AmqpChannel: Any = pyamqp.Channel
AmqpConnection: Any = pyamqp.Connection
AmqpTransport: Any = pyamqp.Transport
VirtualChannel: Any = virtual.Channel
VirtualTransport: Any = virtual.Transport

AmqpError: Any = _AMQPError
RecoverableConnectionError: Any = _RecoverableConnectionError
ConsumerCancelled: Any = _ConsumerCancelled
PreconditionFailed: Any = _PreconditionFailed

NotFound: Any = _NotFound
ResourceLocked: Any = _ResourceLocked
