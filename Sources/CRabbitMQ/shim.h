#ifndef CRABBITMQ_SHIM_H
#define CRABBITMQ_SHIM_H

/* Before amqp.h: it only forward-declares struct timeval, which would import as an opaque pointer. */
#include <sys/time.h>

#include <amqp.h>
#include <amqp_framing.h>

#endif
