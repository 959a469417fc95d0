/* One connection with one channel, and what is declared over it. */
#include "yardstick.h"

#include <stdlib.h>
#include <string.h>

void check_status(int status, const char *what) {
  if (status < 0) fail(what, amqp_error_string2(status));
}

void check_reply(amqp_connection_state_t connection, const char *what) {
  amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) fail(what, amqp_error_string2(reply.library_error));
  fail(what, "the broker refused it");
}

amqp_connection_state_t link_open(const char *url) {
  char *parsed = strdup(url);
  struct amqp_connection_info info;
  if (parsed == NULL) fail("url", "out of memory");
  check_status(amqp_parse_url(parsed, &info), "url");
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (socket == NULL) fail("socket", "out of memory");
  check_status(amqp_socket_open(socket, info.host, info.port), "connect");
  amqp_rpc_reply_t login = amqp_login(connection, info.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, info.user,
                                      info.password);
  if (login.reply_type != AMQP_RESPONSE_NORMAL) fail("login", "refused");
  amqp_channel_open(connection, CHANNEL);
  check_reply(connection, "channel.open");
  free(parsed);
  return connection;
}

/* The answer to channel.close comes after everything that was sent before it has been looked at. */
void link_close(amqp_connection_state_t connection) {
  amqp_channel_close(connection, CHANNEL, AMQP_REPLY_SUCCESS);
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(connection);
}

void declare_fanout(amqp_connection_state_t connection, const char *exchange) {
  amqp_exchange_declare(connection, CHANNEL, amqp_cstring_bytes(exchange), amqp_cstring_bytes("fanout"), 0, 1, 0, 0,
                        amqp_empty_table);
  check_reply(connection, "exchange.declare");
}

void declare_queue(amqp_connection_state_t connection, const char *queue, const char *exchange) {
  amqp_table_entry_t quorum = {.key = amqp_cstring_bytes("x-queue-type"),
                               .value = {.kind = AMQP_FIELD_KIND_UTF8,
                                         .value.bytes = amqp_cstring_bytes("quorum")}};
  amqp_table_t arguments = {.num_entries = 1, .entries = &quorum};
  amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments);
  check_reply(connection, "queue.declare");
  if (exchange == NULL) return;
  amqp_queue_bind(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_cstring_bytes(exchange), amqp_empty_bytes,
                  amqp_empty_table);
  check_reply(connection, "queue.bind");
}

void delete_queue(amqp_connection_state_t connection, const char *queue) {
  amqp_queue_delete(connection, CHANNEL, amqp_cstring_bytes(queue), 0, 0);
  check_reply(connection, "queue.delete");
}

void delete_exchange(amqp_connection_state_t connection, const char *exchange) {
  amqp_exchange_delete(connection, CHANNEL, amqp_cstring_bytes(exchange), 0);
  check_reply(connection, "exchange.delete");
}

long queue_depth(amqp_connection_state_t connection, const char *queue) {
  amqp_queue_declare_ok_t *answer =
      amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
  check_reply(connection, "queue.declare, passive");
  return answer->message_count;
}
