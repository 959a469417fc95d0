/* What is sent: persistent, and of a kind. */
#include "yardstick.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static amqp_table_entry_t text_header(const char *name, amqp_bytes_t value) {
  return (amqp_table_entry_t){.key = amqp_cstring_bytes(name),
                              .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = value}};
}

/* Nothing is copied: valid until the next message is written. */
static void write_attributes(struct message *message, const char *type, const char *source) {
  amqp_basic_properties_t *properties = &message->properties;
  amqp_bytes_t id = amqp_cstring_bytes(message->id);
  message->headers[0] = text_header("cloudEvents_specversion", amqp_cstring_bytes("1.0"));
  message->headers[1] = text_header("cloudEvents_id", id);
  message->headers[2] = text_header("cloudEvents_source", amqp_cstring_bytes(source));
  message->headers[3] = text_header("cloudEvents_type", amqp_cstring_bytes(type));
  message->headers[4] = text_header("cloudEvents_time", amqp_cstring_bytes("2026-01-02T03:04:05.678Z"));
  message->headers[5] = text_header("cloudEvents_subject", id);
  message->headers[6] = (amqp_table_entry_t){.key = amqp_cstring_bytes("event-version"),
                                             .value = {.kind = AMQP_FIELD_KIND_I64, .value.i64 = 1}};
  properties->_flags |= AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                        AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG;
  properties->content_type = amqp_cstring_bytes("application/json");
  properties->headers = (amqp_table_t){.num_entries = 7, .entries = message->headers};
  properties->correlation_id = id;
  properties->message_id = id;
  properties->timestamp = 1767323045;
}

static size_t write_order(struct message *message, long number) {
  int length = snprintf(message->text, sizeof message->text,
                        "{\"id\":\"%s\",\"user_id\":%ld,\"product_id\":%ld,\"quantity\":1,\"price\":999.99,"
                        "\"total\":999.99,\"currency\":\"USD\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}",
                        message->id, number % 1000 + 1, number % 10 + 1);
  return (size_t)length;
}

static size_t write_padding(struct message *message, long size) {
  if ((size_t)size > sizeof message->text) fail("size", "at most 65536 bytes");
  if (message->body.len != (size_t)size) memset(message->text, 'x', (size_t)size);
  return (size_t)size;
}

void message_write(struct message *message, long number, enum kind kind, long size) {
  static unsigned long run = 0;
  if (run == 0) run = (unsigned long)time(NULL) ^ (unsigned long)getpid() << 32;
  amqp_basic_properties_t *properties = &message->properties;
  const char *type = kind == ORDER ? "order.created" : "bench.message";
  const char *program = kind == ORDER ? "/order-service" : "/yardstick";
  properties->_flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG;
  properties->delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties->type = amqp_cstring_bytes(type);
  properties->app_id = amqp_cstring_bytes(program + 1);
  if (kind != PLAIN) {
    snprintf(message->id, sizeof message->id, "%016lx-%012lx", run, (unsigned long)number);
    write_attributes(message, type, program);
  }
  message->body.len = kind == ORDER ? write_order(message, number) : write_padding(message, size);
  message->body.bytes = message->text;
}
