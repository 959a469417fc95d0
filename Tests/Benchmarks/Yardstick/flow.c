/*
 * Events from one publisher with confirms through a fanout to queues, each with a consumer, all at once: what can be
 * moved with no HTTP, no database and no handler. A process each, so that both cores may be used.
 */
#include "yardstick.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own: says when it is subscribed, ends when it has taken and acknowledged everything. */
_Noreturn static void consume_in_child(const char *queue, int subscribed, const struct options *options) {
  amqp_connection_state_t connection = link_open(options->url);
  subscribe(connection, queue, options->prefetch);
  if (write(subscribed, "", 1) != 1) fail("pipe", "closed");
  drain(connection, options->messages, options->prefetch);
  link_close(connection);
  _exit(0);
}

static void start_consumers(pid_t *consumers, const char *const *queues, int count, const struct options *options) {
  int ends[2];
  char byte;
  if (pipe(ends) != 0) fail("pipe", "refused");
  for (int i = 0; i < count; i++) {
    consumers[i] = fork();
    if (consumers[i] < 0) fail("fork", "refused");
    if (consumers[i] == 0) consume_in_child(queues[i], ends[1], options);
  }
  close(ends[1]);
  for (int i = 0; i < count; i++)
    if (read(ends[0], &byte, 1) != 1) fail("consumer", "ended before it was subscribed");
  close(ends[0]);
}

static void await(const pid_t *consumers, int count) {
  for (int i = 0; i < count; i++) {
    int status = 0;
    if (waitpid(consumers[i], &status, 0) != consumers[i] || status != 0) fail("consumer", "failed");
  }
}

void run_flow(const struct options *options) {
  static const char *const own[] = {"yardstick.1", "yardstick.2"};
  int is_own = options->exchange == NULL;
  const char *exchange = is_own ? "yardstick.events" : options->exchange;
  const char *const *queues = is_own ? own : options->queues;
  int count = is_own ? 2 : options->queue_count;
  pid_t consumers[MOST_QUEUES];
  amqp_connection_state_t connection = link_open(options->url);
  if (is_own) {
    declare_fanout(connection, exchange);
    for (int i = 0; i < count; i++) declare_queue(connection, queues[i], exchange);
  }
  start_consumers(consumers, queues, count, options);
  struct measure began = measure_begin();
  publish_all(connection, exchange, "", ORDER, options);
  await(consumers, count);
  measure_end(began, "flow", options);
  if (is_own) {
    for (int i = 0; i < count; i++) delete_queue(connection, queues[i]);
    delete_exchange(connection, exchange);
  }
  link_close(connection);
}
