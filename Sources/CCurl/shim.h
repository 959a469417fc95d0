#ifndef ORDER_EVENTS_CCURL_SHIM_H
#define ORDER_EVENTS_CCURL_SHIM_H

#include <poll.h>

#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one typed function for each kind
// of argument that is used.

static inline CURLcode oe_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode oe_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode oe_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*oe_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode oe_curl_set_body_receiver(CURL *handle, oe_curl_receiver receiver, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receiver);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

static inline CURLcode oe_curl_set_header_receiver(CURL *handle, oe_curl_receiver receiver, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receiver);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_HEADERDATA, context) : code;
}

// Called before each sending of a request, with the connection made; 0 sends, 1 aborts.
typedef int (*oe_curl_sending)(void *context, char *, char *, int, int);

static inline CURLcode oe_curl_set_sending(CURL *handle, oe_curl_sending sending, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, sending);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_PREREQDATA, context) : code;
}

// Copies the body.
static inline CURLcode oe_curl_set_body(CURL *handle, const void *bytes, long count) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, count);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline long oe_curl_number(CURL *handle, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

// The socket of a handle with CURLOPT_CONNECT_ONLY; -1 where there is none.
static inline int oe_curl_socket(CURL *handle) {
    curl_socket_t value = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &value);
    return (int)value;
}

// Waits until a socket can be read or written: 0 when the time is over, 1 otherwise, a broken socket included.
static inline int oe_curl_wait(int socket, int writing, int milliseconds) {
    struct pollfd one = {.fd = socket, .events = (short)(writing ? POLLOUT : POLLIN)};
    if (socket < 0) return 1;
    int ready = poll(&one, 1, milliseconds);
    return ready == 0 ? 0 : 1;
}

// How the only transfer of a multi handle ended; CURL_LAST while it has not.
static inline CURLcode oe_curl_multi_result(CURLM *multi) {
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURL_LAST;
}

#endif
