// POST requests over HTTP with libcurl, which is opened when the first of them is made: a program that asks no endpoint does
// not need it. Knows nothing of what is sent and of what an answer means.

#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A connection that is kept between requests. Of one thread at a time, but for `ccurl_cancel`.
typedef struct CCurlConnection CCurlConnection;

typedef enum {
    CCurlAnswered,
    CCurlCancelled,
    CCurlTimedOut,
    CCurlUnknownHost,
    CCurlUnknownProxy,
    /// A proxy that answers, but not as a proxy that will do.
    CCurlProxyRefused,
    /// Nobody listens, or nobody can be reached.
    CCurlNoConnection,
    /// A server that answers a greeting in TLS with something else.
    CCurlNoTLS,
    /// A certificate that is not trusted, has run out or is another host's.
    CCurlUntrusted,
    /// The file or folder of trusted certificates cannot be read.
    CCurlUnreadableCertificates,
    /// An address or a way to it that this libcurl does not know.
    CCurlUnsupported,
    /// A connection that broke, or that was never a proper one.
    CCurlBroken,
} CCurlOutcome;

/// How a request ended. Pointers are good until the connection's next request.
typedef struct {
    CCurlOutcome outcome;
    /// libcurl's words for what went wrong; empty where nothing did.
    const char *message;
    /// The system's error number; 0 where it is not known.
    int32_t system_error;
    /// The status of the answer; 0 where there is none.
    int32_t status;
    /// The status with which a proxy answered a wish for a tunnel; 0 where there is none.
    int32_t proxy_status;
    /// Retry-After in seconds; 0 where it is missing or says so.
    int64_t retry_after;
    /// Where a redirect points, which is not followed.
    const char *_Nullable redirect;
    const uint8_t *_Nullable body;
    size_t body_size;
    /// Whether the body was longer than its limit, and is not there.
    bool is_too_large;
} CCurlResponse;

/// Opens libcurl, once. Returns why it could not be opened, or NULL.
const char *_Nullable ccurl_open_library(void);

/// A connection, or NULL where there is no memory for one. The library must be open.
/// `proxy` is empty for none. Certificates are the system's where both are NULL.
CCurlConnection *_Nullable ccurl_connection_make(const char *proxy, const char *_Nullable certificate_file,
                                                 const char *_Nullable certificate_folder);
void ccurl_connection_free(CCurlConnection *connection);

/// Posts a body and waits for the answer. `headers` has one a line. Of an answer with a status of 200 to 299, at most
/// `reply_limit` bytes are read, of any other at most `failure_limit`.
CCurlResponse ccurl_post(CCurlConnection *connection, const char *url, const char *headers,
                         const void *_Nullable body, size_t body_size, double timeout_seconds, size_t reply_limit, size_t failure_limit);

/// Ends the request under way, and any later one, within a fifth of a second. From any thread.
void ccurl_cancel(CCurlConnection *connection);

#pragma clang assume_nonnull end

#endif
