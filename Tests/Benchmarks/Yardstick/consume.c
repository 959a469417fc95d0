/* Draining a queue with a handler that does nothing, and what fills one or waits until it is empty. */
#include "yardstick.h"

#include <time.h>

void subscribe(amqp_connection_state_t connection, const char *queue, long prefetch) {
  amqp_basic_qos(connection, CHANNEL, 0, (uint16_t)prefetch, 0);
  check_reply(connection, "basic.qos");
  amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  check_reply(connection, "basic.consume");
}

/* Reads one delivery (method, header, body frames) and returns its tag; the body is looked at by nobody. */
static uint64_t take_delivery(amqp_connection_state_t connection) {
  uint64_t tag = 0, rest = 0;
  for (;;) {
    amqp_frame_t frame;
    struct timeval limit = {.tv_sec = 30};
    check_status(amqp_simple_wait_frame_noblock(connection, &frame, &limit), "waiting for a delivery");
    switch (frame.frame_type) {
      case AMQP_FRAME_METHOD:
        if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
          fail("delivery", amqp_method_name(frame.payload.method.id));
        tag = ((amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
        continue;
      case AMQP_FRAME_HEADER: rest = frame.payload.properties.body_size; break;
      case AMQP_FRAME_BODY: rest -= frame.payload.body_fragment.len; break;
      default: continue;
    }
    if (rest == 0) break;
  }
  amqp_maybe_release_buffers(connection);
  return tag;
}

void drain(amqp_connection_state_t connection, long messages, long prefetch) {
  /* Often enough that the broker never waits for us, seldom enough that acks cost nothing. */
  long batch = prefetch >= 4 ? prefetch / 4 : 1;
  for (long taken = 1; taken <= messages; taken++) {
    uint64_t tag = take_delivery(connection);
    if (taken % batch != 0 && taken != messages) continue;
    check_status(amqp_basic_ack(connection, CHANNEL, tag, 1), "ack");
  }
}

void run_consume(const struct options *options) {
  const char *queue = "yardstick.1";
  amqp_connection_state_t publishing = link_open(options->url);
  declare_queue(publishing, queue, NULL);
  publish_all(publishing, "", queue, EVENT, options);
  amqp_connection_state_t consuming = link_open(options->url);
  subscribe(consuming, queue, options->prefetch);
  drain(consuming, 1, options->prefetch);
  struct measure began = measure_begin(); /* from the first to the last, as ours */
  drain(consuming, options->messages - 1, options->prefetch);
  measure_end(began, "consume", options);
  link_close(consuming);
  delete_queue(publishing, queue);
  link_close(publishing);
}

void run_fill(const struct options *options) {
  for (int i = 0; i < options->queue_count; i++) {
    /* A channel of its own for each, since its delivery tags begin at 1. */
    amqp_connection_state_t connection = link_open(options->url);
    publish_all(connection, "", options->queues[i], ORDER, options);
    link_close(connection);
  }
}

/* Looks ten times a second, for at most a minute. What is delivered and not acknowledged does not count. */
void run_empty(const struct options *options) {
  amqp_connection_state_t connection = link_open(options->url);
  for (int looks = 0;; looks++) {
    long depth = 0;
    for (int i = 0; i < options->queue_count; i++) depth += queue_depth(connection, options->queues[i]);
    if (depth == 0) break;
    if (looks == 600) fail("empty", "messages are left after a minute");
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  }
  link_close(connection);
}
