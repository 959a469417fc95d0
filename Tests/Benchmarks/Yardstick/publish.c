/* Publishing with confirms: never more than a window of publishes waits for its confirm. */
#include "yardstick.h"

#include <stdlib.h>
#include <string.h>

/* Which publishes are confirmed: they may be so out of order, and many at once. */
struct ledger {
  unsigned char *is_confirmed; /* by delivery tag, from 1 */
  uint64_t lowest;             /* that is not confirmed */
  long confirmed;
};

static void confirm(struct ledger *ledger, const amqp_basic_ack_t *ack) {
  for (uint64_t tag = ack->multiple ? ledger->lowest : ack->delivery_tag; tag <= ack->delivery_tag; tag++) {
    ledger->confirmed += !ledger->is_confirmed[tag];
    ledger->is_confirmed[tag] = 1;
  }
  while (ledger->is_confirmed[ledger->lowest]) ledger->lowest++;
}

/* Waits for a confirm, and takes what else was read with it, so that the window opens by many at once. */
static void take_confirms(amqp_connection_state_t connection, struct ledger *ledger) {
  do {
    amqp_frame_t frame;
    struct timeval limit = {.tv_sec = 30};
    check_status(amqp_simple_wait_frame_noblock(connection, &frame, &limit), "waiting for a confirm");
    /* What came back, with its header and body: its confirm follows. */
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id == AMQP_BASIC_RETURN_METHOD) continue;
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("confirm", amqp_method_name(frame.payload.method.id));
    confirm(ledger, frame.payload.method.decoded);
  } while (amqp_frames_enqueued(connection) || amqp_data_in_buffer(connection));
  amqp_maybe_release_buffers(connection);
}

void publish_all(amqp_connection_state_t connection, const char *exchange, const char *key, enum kind kind,
                 const struct options *options) {
  struct ledger ledger = {.is_confirmed = calloc((size_t)options->messages + 2, 1), .lowest = 1};
  struct message *message = calloc(1, sizeof *message);
  if (ledger.is_confirmed == NULL || message == NULL) fail("publish", "out of memory");
  amqp_confirm_select(connection, CHANNEL);
  check_reply(connection, "confirm.select");
  for (long sent = 0; ledger.confirmed < options->messages;) {
    for (; sent < options->messages && sent - ledger.confirmed < options->window; sent++) {
      message_write(message, sent, kind, options->size);
      check_status(amqp_basic_publish(connection, CHANNEL, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 1,
                                      0, &message->properties, message->body),
                   "publish");
    }
    take_confirms(connection, &ledger);
  }
  free(message);
  free(ledger.is_confirmed);
}

void run_publish(const struct options *options) {
  static const char *const queues[] = {"yardstick.1", "yardstick.2", "yardstick.3"};
  const char *exchange = "yardstick.events";
  int count = strcmp(options->to, "fanout") == 0 ? 3 : strcmp(options->to, "queue") == 0 ? 1 : 0;
  if (count == 0 && strcmp(options->to, "nowhere") != 0) fail(options->to, "is neither nowhere, queue nor fanout");
  amqp_connection_state_t connection = link_open(options->url);
  declare_fanout(connection, exchange);
  for (int i = 0; i < count; i++) declare_queue(connection, queues[i], exchange);
  struct measure began = measure_begin();
  publish_all(connection, exchange, "", PLAIN, options);
  measure_end(began, "publish", options);
  for (int i = 0; i < count; i++) delete_queue(connection, queues[i]);
  delete_exchange(connection, exchange);
  link_close(connection);
}
