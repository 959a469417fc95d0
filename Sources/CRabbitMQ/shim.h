#ifndef CRABBITMQ_SHIM_H
#define CRABBITMQ_SHIM_H

/* Before amqp.h: it only forward-declares struct timeval, which would import as an opaque pointer. */
#include <sys/time.h>

#include <amqp.h>
#include <amqp_framing.h>

/* A decoded frame carries its method and properties as void *; these give them their types. */
#define CRABBITMQ_METHOD(name)                                                  \
  static inline const amqp_##name##_t *crabbitmq_##name(const amqp_frame_t *f) { \
    return (const amqp_##name##_t *)f->payload.method.decoded;                  \
  }

CRABBITMQ_METHOD(connection_start)
CRABBITMQ_METHOD(connection_tune)
CRABBITMQ_METHOD(connection_close)
CRABBITMQ_METHOD(connection_blocked)
CRABBITMQ_METHOD(channel_close)
CRABBITMQ_METHOD(queue_declare_ok)
CRABBITMQ_METHOD(queue_delete_ok)
CRABBITMQ_METHOD(basic_consume_ok)
CRABBITMQ_METHOD(basic_cancel)
CRABBITMQ_METHOD(basic_deliver)
CRABBITMQ_METHOD(basic_return)
CRABBITMQ_METHOD(basic_get_ok)
CRABBITMQ_METHOD(basic_ack)
CRABBITMQ_METHOD(basic_nack)

static inline const amqp_basic_properties_t *crabbitmq_properties(const amqp_frame_t *f) {
  return (const amqp_basic_properties_t *)f->payload.properties.decoded;
}

#endif
