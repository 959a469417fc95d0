/* What is sent: persistent, with an id; a body of so many bytes, or an order.created as the order service writes it. */
#include "yardstick.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Valid until the next call; nothing is copied. */
static amqp_table_entry_t text_header(const char *name, amqp_bytes_t value) {
  return (amqp_table_entry_t){.key = amqp_cstring_bytes(name),
                              .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = value}};
}

static void write_order(struct message *message, long number) {
  amqp_basic_properties_t *properties = &message->properties;
  amqp_bytes_t id = amqp_cstring_bytes(message->id);
  amqp_bytes_t type = amqp_cstring_bytes("order.created");
  amqp_bytes_t moment = amqp_cstring_bytes("2026-01-02T03:04:05.678Z");
  int length = snprintf(message->text, sizeof message->text,
                        "{\"id\":\"%s\",\"user_id\":%ld,\"product_id\":%ld,\"quantity\":1,\"price\":999.99,"
                        "\"total\":999.99,\"currency\":\"USD\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}",
                        message->id, number % 1000 + 1, number % 10 + 1);
  message->body = (amqp_bytes_t){.len = (size_t)length, .bytes = message->text};
  message->headers[0] = text_header("cloudEvents_specversion", amqp_cstring_bytes("1.0"));
  message->headers[1] = text_header("cloudEvents_id", id);
  message->headers[2] = text_header("cloudEvents_source", amqp_cstring_bytes("/order-service"));
  message->headers[3] = text_header("cloudEvents_type", type);
  message->headers[4] = text_header("cloudEvents_time", moment);
  message->headers[5] = text_header("cloudEvents_subject", id);
  properties->_flags |= AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                        AMQP_BASIC_APP_ID_FLAG;
  properties->type = type;
  properties->correlation_id = id;
  properties->app_id = amqp_cstring_bytes("order-service");
  properties->headers = (amqp_table_t){.num_entries = 6, .entries = message->headers};
}

void message_write(struct message *message, long number, long size) {
  static unsigned long run = 0;
  if (run == 0) run = (unsigned long)time(NULL) ^ (unsigned long)getpid() << 32;
  amqp_basic_properties_t *properties = &message->properties;
  snprintf(message->id, sizeof message->id, "%016lx-%012lx", run, (unsigned long)number);
  properties->_flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
  properties->content_type = amqp_cstring_bytes("application/json");
  properties->delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties->message_id = amqp_cstring_bytes(message->id);
  if (size == 0) {
    write_order(message, number);
    return;
  }
  if ((size_t)size > sizeof message->text) fail("size", "at most 65536 bytes");
  if (message->body.len != (size_t)size) memset(message->text, 'x', (size_t)size);
  message->body = (amqp_bytes_t){.len = (size_t)size, .bytes = message->text};
}
