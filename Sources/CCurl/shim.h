#include <curl/curl.h>
#include <stdint.h>

// libcurl's settings take a value of any type, which Swift cannot pass.

static inline CURLcode curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode curl_set_receiver(CURL *handle, CURLoption option, curl_write_callback receiver) {
  return curl_easy_setopt(handle, option, receiver);
}

static inline CURLcode curl_set_sender(CURL *handle, curl_read_callback sender) {
  return curl_easy_setopt(handle, CURLOPT_READFUNCTION, sender);
}

static inline CURLcode curl_set_seeker(CURL *handle, curl_seek_callback seeker) {
  return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, seeker);
}

/// How many bytes are sent.
static inline CURLcode curl_set_body_count(CURL *handle, int64_t count) {
  return curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)count);
}

static inline CURLcode curl_set_watcher(CURL *handle, curl_xferinfo_callback watcher) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watcher);
}

/// A number that is known of the last transfer; 0 where it is not.
static inline long curl_number(CURL *handle, CURLINFO information) {
  long value = 0;
  return curl_easy_getinfo(handle, information, &value) == CURLE_OK ? value : 0;
}

/// The certificates to trust, in PEM form; libcurl keeps a copy.
static inline CURLcode curl_set_certificates(CURL *handle, const void *text, size_t length) {
  struct curl_blob blob = {(void *)text, length, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
}
