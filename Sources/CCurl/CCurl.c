// libcurl is opened with dlopen, so that types and constants alone are taken from its headers. Nothing newer than 7.66 is
// used. A request runs in a multi handle of its own: curl_easy_perform looks at its callbacks only once a second while a
// server is silent, which is too long for somebody who has pressed Ctrl-C.

// Its macros would check the types of calls that are made through pointers here.
#define CURL_DISABLE_TYPECHECK

#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_poll) *multi_poll;
    __typeof__(curl_multi_info_read) *multi_info_read;
} api;

static pthread_once_t opening = PTHREAD_ONCE_INIT;
static char open_failure[512];

static void open_library(void) {
#ifdef __APPLE__
    static const char *const names[] = {"libcurl.4.dylib"};
#else
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && library == NULL; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL && i == 0) snprintf(open_failure, sizeof open_failure, "%s", dlerror());
    }
    if (library == NULL) return;
    open_failure[0] = 0;
#define FIND(function)                                                                                        \
    if ((api.function = dlsym(library, "curl_" #function)) == NULL) {                                         \
        snprintf(open_failure, sizeof open_failure, "it is older than 7.66 and has no curl_" #function);      \
        return;                                                                                               \
    }
    FIND(global_init) FIND(easy_init) FIND(easy_cleanup) FIND(easy_setopt) FIND(easy_getinfo) FIND(easy_strerror)
    FIND(slist_append) FIND(slist_free_all) FIND(multi_init) FIND(multi_cleanup) FIND(multi_add_handle)
    FIND(multi_remove_handle) FIND(multi_perform) FIND(multi_poll) FIND(multi_info_read)
#undef FIND
    const CURLcode code = api.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) snprintf(open_failure, sizeof open_failure, "%s", api.easy_strerror(code));
}

const char *ccurl_open_library(void) {
    pthread_once(&opening, open_library);
    return open_failure[0] == 0 ? NULL : open_failure;
}

struct CCurlConnection {
    CURL *easy;
    CURLM *multi;
    char *proxy, *certificate_file, *certificate_folder;
    atomic_bool is_cancelled;
    char message[CURL_ERROR_SIZE];
    uint8_t *body;
    size_t size, capacity, reply_limit, failure_limit;
    bool is_too_large;
};

static char *copy(const char *text) { return text == NULL ? NULL : strdup(text); }

CCurlConnection *ccurl_connection_make(const char *proxy, const char *certificate_file,
                                       const char *certificate_folder) {
    CCurlConnection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) return NULL;
    connection->easy = api.easy_init();
    connection->multi = api.multi_init();
    connection->proxy = copy(proxy);
    connection->certificate_file = copy(certificate_file);
    connection->certificate_folder = copy(certificate_folder);
    if (connection->easy != NULL && connection->multi != NULL) return connection;
    ccurl_connection_free(connection);
    return NULL;
}

void ccurl_connection_free(CCurlConnection *connection) {
    if (connection->easy != NULL) api.easy_cleanup(connection->easy);
    if (connection->multi != NULL) api.multi_cleanup(connection->multi);
    free(connection->proxy);
    free(connection->certificate_file);
    free(connection->certificate_folder);
    free(connection->body);
    free(connection);
}

void ccurl_cancel(CCurlConnection *connection) { atomic_store(&connection->is_cancelled, true); }

// Takes a piece of a body; anything but its size ends the request.
static size_t take(char *piece, size_t one, size_t count, void *context) {
    CCurlConnection *connection = context;
    const size_t size = one * count;
    long status = 0;
    api.easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
    const size_t limit = status >= 200 && status < 300 ? connection->reply_limit : connection->failure_limit;
    if (size > limit || connection->size > limit - size) {
        connection->is_too_large = true;
        return 0;
    }
    if (connection->size + size > connection->capacity) {
        const size_t capacity = 2 * (connection->size + size);
        uint8_t *body = realloc(connection->body, capacity);
        if (body == NULL) return 0;
        connection->body = body;
        connection->capacity = capacity;
    }
    if (size > 0) memcpy(connection->body + connection->size, piece, size);
    connection->size += size;
    return size;
}

// NULL where there is no memory for it.
static struct curl_slist *header_list(const char *headers) {
    struct curl_slist *list = NULL;
    char *lines = copy(headers), *rest = lines;
    for (char *line; lines != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        struct curl_slist *longer = api.slist_append(list, line);
        if (longer == NULL) {
            api.slist_free_all(list);
            list = NULL;
            break;
        }
        list = longer;
    }
    free(lines);
    return list;
}

static CURLcode set_options(CCurlConnection *connection, const char *url, struct curl_slist *headers, const void *body,
                            size_t body_size, double timeout_seconds) {
    CURL *easy = connection->easy;
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = api.easy_setopt(easy, option, value)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_POST, 1L);
    // libcurl would read from the terminal for NULL.
    SET(CURLOPT_POSTFIELDS, body == NULL ? "" : body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_size);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_TIMEOUT_MS, (long)(timeout_seconds * 1000) + 1);
    // Signals are the program's; the thread that waits here blocks SIGPIPE itself.
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, connection->message);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, connection);
    // Set also where they are empty: libcurl would look into the environment.
    SET(CURLOPT_PROXY, connection->proxy);
    SET(CURLOPT_NOPROXY, "");
    if (connection->certificate_file != NULL) SET(CURLOPT_CAINFO, connection->certificate_file);
    if (connection->certificate_folder != NULL) SET(CURLOPT_CAPATH, connection->certificate_folder);
#undef SET
    return code;
}

static CURLcode wait_for(CCurlConnection *connection) {
    CURLMcode code = api.multi_add_handle(connection->multi, connection->easy);
    int running = code == CURLM_OK;
    while (running != 0 && code == CURLM_OK && !atomic_load(&connection->is_cancelled)) {
        code = api.multi_perform(connection->multi, &running);
        if (running != 0 && code == CURLM_OK) code = api.multi_poll(connection->multi, NULL, 0, 200, NULL);
    }
    CURLcode result = code == CURLM_OK ? CURLE_ABORTED_BY_CALLBACK : CURLE_FAILED_INIT;
    int left;
    for (CURLMsg *message; (message = api.multi_info_read(connection->multi, &left)) != NULL;) {
        if (message->msg == CURLMSG_DONE) result = message->data.result;
    }
    api.multi_remove_handle(connection->multi, connection->easy);
    return result;
}

// Whether TLS failed since the other side does not speak it, in the words of OpenSSL and its kin, and of GnuTLS.
static bool is_plain(const char *message) {
    static const char *const words[] = {"wrong version number", "packet length too long", "unknown protocol",
                                        "http request", "unexpected TLS packet"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(message, words[i]) != NULL) return true;
    }
    return false;
}

static CCurlOutcome outcome(CURLcode code, const char *message) {
    switch ((int)code) {
        case CURLE_OK: return CCurlAnswered;
        case CURLE_ABORTED_BY_CALLBACK: return CCurlCancelled;
        case CURLE_OPERATION_TIMEDOUT: return CCurlTimedOut;
        case CURLE_COULDNT_RESOLVE_HOST: return CCurlUnknownHost;
        case CURLE_COULDNT_RESOLVE_PROXY: return CCurlUnknownProxy;
        case CURLE_COULDNT_CONNECT: return CCurlNoConnection;
        case CURLE_SSL_CONNECT_ERROR: return is_plain(message) ? CCurlNoTLS : CCurlBroken;
        case CURLE_PEER_FAILED_VERIFICATION: return CCurlUntrusted;
        case CURLE_SSL_CACERT_BADFILE: return CCurlUnreadableCertificates;
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_NOT_BUILT_IN:
        case CURLE_UNKNOWN_OPTION: return CCurlUnsupported;
        // CURLE_PROXY, which came with 7.73.
        case 97: return CCurlProxyRefused;
        default: return CCurlBroken;
    }
}

CCurlResponse ccurl_post(CCurlConnection *connection, const char *url, const char *headers, const void *body,
                         size_t body_size, double timeout_seconds, size_t reply_limit, size_t failure_limit) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    connection->size = 0;
    connection->is_too_large = false;
    connection->message[0] = 0;
    connection->reply_limit = reply_limit;
    connection->failure_limit = failure_limit;
    struct curl_slist *list = header_list(headers);
    CURLcode code = list == NULL ? CURLE_OUT_OF_MEMORY
                                 : set_options(connection, url, list, body, body_size, timeout_seconds);
    if (code == CURLE_OK) code = wait_for(connection);

    CCurlResponse response = {.outcome = outcome(code, connection->message), .is_too_large = connection->is_too_large};
    CURL *easy = connection->easy;
    long status = 0, proxy_status = 0, system_error = 0;
    curl_off_t retry_after = 0;
    char *redirect = NULL;
    api.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    api.easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    api.easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
    api.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    api.easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
    response.status = (int32_t)status;
    response.proxy_status = (int32_t)proxy_status;
    response.system_error = (int32_t)system_error;
    response.retry_after = retry_after;
    response.redirect = redirect;
    if (code == CURLE_WRITE_ERROR && connection->is_too_large) {
        response.outcome = CCurlAnswered;
    } else if (code != CURLE_OK && proxy_status >= 400) {
        response.outcome = CCurlProxyRefused;
    }
    if (code != CURLE_OK && connection->message[0] == 0) {
        snprintf(connection->message, sizeof connection->message, "%s", api.easy_strerror(code));
    }
    response.message = connection->message;
    if (!connection->is_too_large && connection->size > 0) {
        response.body = connection->body;
        response.body_size = connection->size;
    }
    // They are the caller's and the list's, not to be looked at again.
    api.easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    api.easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    api.slist_free_all(list);
    return response;
}
