#ifndef ORDER_EVENTS_COPENSSL_SHIM_H
#define ORDER_EVENTS_COPENSSL_SHIM_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Much of OpenSSL is macros, which Swift does not import: one typed function for each that is used.

// What one handshake found out about the peer; lives as long as the session that notes it.
typedef struct {
    // X509_V_OK until the check of the peer's certificate failed.
    int rejection;
    // How far from the peer's own certificate: 0 is that, 1 and more its authorities'.
    int depth;
    // What was rejected; owned.
    X509 *certificate;
    // Whether the peer asked for a certificate of ours and there was none.
    int wanted_ours;
} oe_tls_notes;

static inline oe_tls_notes *oe_tls_notes_of(const SSL *session) {
    return (oe_tls_notes *)SSL_get_app_data(session);
}

// Called for each certificate of the chain; notes the first that is no good, and ends the handshake.
static inline int oe_tls_checked(int good, X509_STORE_CTX *store) {
    if (good) return 1;
    SSL *session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    oe_tls_notes *notes = session ? oe_tls_notes_of(session) : NULL;
    if (notes && notes->rejection == X509_V_OK) {
        notes->rejection = X509_STORE_CTX_get_error(store);
        notes->depth = X509_STORE_CTX_get_error_depth(store);
        X509 *certificate = X509_STORE_CTX_get_current_cert(store);
        if (certificate && X509_up_ref(certificate)) notes->certificate = certificate;
    }
    return 0;
}

// Called when the peer asks for our certificate and none was given; 0 goes on without one.
static inline int oe_tls_asked(SSL *session, X509 **certificate, EVP_PKEY **key) {
    (void)certificate;
    (void)key;
    oe_tls_notes *notes = oe_tls_notes_of(session);
    if (notes) notes->wanted_ours = 1;
    return 0;
}

// Never asks a terminal for a passphrase, as OpenSSL would by default.
static inline int oe_tls_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

// TLS 1.2 at least, nothing that old attacks need, and no memory kept for idle connections. 1 when it is so.
static inline int oe_tls_harden(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, oe_tls_checked);
    SSL_CTX_set_client_cert_cb(context, oe_tls_asked);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

static inline int oe_tls_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline X509 *oe_tls_read_certificate(BIO *pem) {
    return PEM_read_bio_X509(pem, NULL, oe_tls_no_passphrase, NULL);
}

static inline EVP_PKEY *oe_tls_read_key(BIO *pem) {
    return PEM_read_bio_PrivateKey(pem, NULL, oe_tls_no_passphrase, NULL);
}

// Whom the peer must be: an address as written in digits, or a name, which is also sent as SNI. 1 when it is set.
static inline int oe_tls_expect(SSL *session, const char *host) {
    X509_VERIFY_PARAM *expected = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(expected,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1) return 1;
    ERR_clear_error();
    return X509_VERIFY_PARAM_set1_host(expected, host, 0) == 1 && SSL_set_tlsext_host_name(session, host) == 1;
}

static inline void oe_tls_set_notes(SSL *session, oe_tls_notes *notes) { SSL_set_app_data(session, notes); }

static inline int oe_tls_reason(unsigned long error) { return ERR_GET_REASON(error); }

// Appends at most what fits, visible ASCII only: the peer wrote it.
static inline void oe_tls_append(char *text, size_t size, const char *more, size_t count) {
    size_t used = strlen(text);
    for (size_t index = 0; index < count && used + 1 < size; index++) {
        unsigned char byte = (unsigned char)more[index];
        text[used++] = byte > 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    text[used] = 0;
}

// Writes the names and addresses that a certificate is for, each followed by a blank; cut off where there is no room.
static inline void oe_tls_subjects(const X509 *certificate, char *text, size_t size) {
    text[0] = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int index = 0; index < sk_GENERAL_NAME_num(names); index++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        const unsigned char *bytes = NULL;
        int count = 0;
        char address[48];
        if (name->type == GEN_DNS) {
            bytes = ASN1_STRING_get0_data(name->d.dNSName);
            count = ASN1_STRING_length(name->d.dNSName);
        } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
            const unsigned char *part = ASN1_STRING_get0_data(name->d.iPAddress);
            count = snprintf(address, sizeof address, "%d.%d.%d.%d", part[0], part[1], part[2], part[3]);
            bytes = (const unsigned char *)address;
        } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 16) {
            const unsigned char *part = ASN1_STRING_get0_data(name->d.iPAddress);
            for (int group = 0; group < 16; group += 2) {
                count += snprintf(address + count, sizeof address - (size_t)count, group ? ":%x" : "%x",
                                  part[group] << 8 | part[group + 1]);
            }
            bytes = (const unsigned char *)address;
        }
        if (!bytes || count <= 0) continue;
        oe_tls_append(text, size, (const char *)bytes, (size_t)count);
        size_t used = strlen(text);
        if (used + 1 < size) memcpy(text + used, " ", 2);
    }
    GENERAL_NAMES_free(names);
}

// Writes who issued a certificate, as OpenSSL's tools do, with anything invisible escaped.
static inline void oe_tls_issuer(const X509 *certificate, char *text, size_t size) {
    text[0] = 0;
    X509_NAME_oneline(X509_get_issuer_name(certificate), text, (int)size);
}

// Writes the day of a moment, UTC: 2026-01-02; nothing for one that is no moment.
static inline void oe_tls_day(const ASN1_TIME *moment, char *text, size_t size) {
    struct tm day;
    text[0] = 0;
    if (ASN1_TIME_to_tm(moment, &day) == 1) strftime(text, size, "%Y-%m-%d", &day);
}

#endif
